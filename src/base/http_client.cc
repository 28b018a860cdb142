#include "src/base/http_client.h"

#include <httplib.h>

#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "src/base/answer_watch.h"
#include "src/base/channel.h"
#include "src/base/dial.h"
#include "src/base/http_head.h"
#include "src/base/line_queue.h"
#include "src/base/tls.h"
#include "src/base/wake.h"

// Of cpp-httplib only the HTTP/1.1 exchange itself is used, over a connection of ours. Its own sockets cannot keep this
// room's promises: they know no deadline for the whole call, resolve names outside every timeout, forget a cancel that
// comes early, trust the system's store beside a given CA, fall back to the common name, and die of SIGPIPE.

namespace spillway {
namespace {

constexpr std::size_t kErrorBodyCap = 1U << 20U;  // bytes; Chosen: for what is said instead of a stream
constexpr std::size_t kIdleCap = 4;  // kept-alive connections; Chosen: workers that call one endpoint at once

using ChannelPtr = std::unique_ptr<Channel>;

// What httplib reads and writes; the watch looks on.
class Wire final : public httplib::Stream {
 public:
  Wire(Channel& channel, bool head_request) : channel_(channel), watch_(head_request) {}

  bool is_readable() const override { return true; }
  bool is_writable() const override { return true; }
  void get_remote_ip_and_port(std::string&, int&) const override {}
  void get_local_ip_and_port(std::string&, int&) const override {}
  socket_t socket() const override { return INVALID_SOCKET; }

  ssize_t write(const char* data, size_t size) override {
    return channel_.Write({data, size}) ? static_cast<ssize_t>(size) : -1;
  }
  ssize_t read(char* data, size_t size) override {
    if (!watch_.refusal().empty()) return -1;
    const ssize_t n = channel_.Read(data, size);
    if (n <= 0) return n;
    return watch_.Saw({data, static_cast<std::size_t>(n)}) ? n : -1;
  }
  const AnswerWatch& watch() const { return watch_; }

 private:
  Channel& channel_;
  AnswerWatch watch_;
};

// Opens up httplib's one exchange over a given stream.
class Exchange final : private httplib::ClientImpl {
 public:
  Exchange() : ClientImpl("unused", 80) {
    set_url_encode(false);
    set_decompress(false);
  }
  bool Run(Wire& wire, httplib::Request& request) {
    httplib::Response response;
    httplib::Error error = httplib::Error::Success;
    return process_request(wire, request, response, false, error);
  }
};

std::string PathOf(const HttpRequest& request) { return std::string(SplitTarget(request.target).first); }

std::string HostField(const HttpEndpoint& endpoint) {
  const bool bare_ipv6 = endpoint.host.find(':') != std::string::npos;
  std::string field = bare_ipv6 ? "[" + endpoint.host + "]" : endpoint.host;
  const int usual = endpoint.scheme == "https" ? 443 : 80;
  if (endpoint.port != usual) field += ":" + std::to_string(endpoint.port);
  return field;
}

// nullptr: fit to send.
const char* Unfit(const HttpRequest& request) {
  if (!IsToken(request.method)) return "the method is malformed";
  if (!IsTarget(request.target)) return "the target is malformed";
  for (const auto& [name, value] : request.headers.fields()) {
    if (!IsToken(name) || !IsFieldValue(value)) return "a header field is malformed";
  }
  if (request.headers.Find("Content-Length") || request.headers.Find("Transfer-Encoding")) {
    return "the length of a body is not for the caller to say";
  }
  return nullptr;
}

httplib::Request ToHttplib(const HttpRequest& request, const HttpEndpoint& endpoint) {
  httplib::Request out;
  out.method = request.method;
  out.path = request.target;
  out.body = request.body;
  for (const auto& [name, value] : request.headers.fields()) out.headers.emplace(name, value);
  if (!request.headers.Find("Host")) out.headers.emplace("Host", HostField(endpoint));
  if (!request.headers.Find("User-Agent")) out.headers.emplace("User-Agent", "spillway");
  return out;
}

// Why the exchange over this connection failed.
Error FaultOf(const Channel& channel, const Wire& wire) {
  if (!wire.watch().refusal().empty()) return {Code::kRetry, wire.watch().refusal()};
  switch (channel.fault()) {
    case Channel::Fault::kDenied:
      return {Code::kDenied, channel.why()};
    case Channel::Fault::kTimeout:
      return {Code::kRetry, wire.watch().started() ? "timed out in the middle of the answer" : "no answer in time"};
    case Channel::Fault::kWoken:
      return {Code::kRetry, "cancelled"};
    case Channel::Fault::kClosed:
      return {Code::kRetry, wire.watch().started() ? "connection closed in the middle of the answer"
                                                   : "connection closed without an answer"};
    case Channel::Fault::kBroken:
      return {Code::kRetry, "connection broken: " + channel.why()};
    case Channel::Fault::kNone:
      break;
  }
  return {Code::kRetry, "the answer is malformed"};
}

}  // namespace

struct HttpClient::Impl {
  explicit Impl(HttpEndpoint given) : endpoint(std::move(given)), tls(TlsContext{}) {
    if (endpoint.scheme == "https") {
      tls = ClientTls(endpoint.ca_pem, endpoint.client_cert_pem, endpoint.client_key_pem);
    } else if (endpoint.scheme != "http") {
      tls = Error{Code::kRejected, "the scheme must be http or https"};
    }
  }

  Error Named(const HttpRequest& request, Error error) const {
    error.what =
        request.method + " " + endpoint.scheme + "://" + HostField(endpoint) + PathOf(request) + ": " + error.what;
    return error;
  }

  // Refusals that need no connection.
  std::optional<Error> Refusal(const HttpRequest& request) const {
    if (!tls) return tls.error();
    if (const char* why = Unfit(request)) return Error{Code::kRejected, why};
    if (stop.IsSet()) return Error{Code::kRetry, "cancelled"};
    return std::nullopt;
  }

  Result<ChannelPtr> Connect(Instant by, std::vector<const WakeEvent*> wakes) const {
    auto fd = Dial(endpoint.host, endpoint.port, by, wakes);
    if (!fd) return fd.error();
    auto channel = std::make_unique<Channel>(*fd, std::move(wakes));
    channel->ReadBy(by);
    channel->WriteBy(by);
    if (*tls == nullptr) return channel;
    const std::string& name = endpoint.server_name.empty() ? endpoint.host : endpoint.server_name;
    if (!channel->Handshake(ClientSession(*tls, *fd, name))) {
      const bool denied = channel->fault() == Channel::Fault::kDenied;
      std::string why = denied ? channel->why() : "TLS handshake: " + channel->why();
      if (why.find("mismatch") != std::string::npos) why += ", wanted " + name;
      return Error{denied ? Code::kDenied : Code::kRetry, std::move(why)};
    }
    return channel;
  }

  // A kept-alive connection that the server has not ended meanwhile; nullptr: none.
  ChannelPtr TakeIdle() {
    const std::lock_guard<std::mutex> lock(mutex);
    while (!idle.empty()) {
      ChannelPtr channel = std::move(idle.back());
      idle.pop_back();
      if (!channel->Stale()) return channel;
    }
    return nullptr;
  }

  void PutBack(ChannelPtr channel) {
    const std::lock_guard<std::mutex> lock(mutex);
    if (idle.size() < kIdleCap && !channel->Stale()) idle.push_back(std::move(channel));
  }

  const HttpEndpoint endpoint;
  Result<TlsContext> tls;
  WakeEvent stop;
  std::mutex mutex;
  std::vector<ChannelPtr> idle;
};

namespace {

// One whole exchange. `again`: nothing was received and the connection had been used before, so the server may have
// ended it just now; another try on a new one is in order for calls that change nothing.
struct Attempt {
  Result<HttpResponse> answer;
  bool reusable = false;
  bool again = false;
};

Attempt SendOn(Channel& channel, const HttpRequest& request, const HttpEndpoint& endpoint) {
  httplib::Request out = ToHttplib(request, endpoint);
  HttpResponse response;
  Wire wire(channel, request.method == "HEAD");
  bool too_long = false;
  out.response_handler = [&](const httplib::Response&) {
    too_long = wire.watch().head()->body_size.value_or(0) > endpoint.body_cap;
    return !too_long && !wire.watch().Bodyless();
  };
  out.content_receiver = [&](const char* data, size_t size, std::uint64_t, std::uint64_t) {
    too_long = response.body.size() + size > endpoint.body_cap;
    if (!too_long) response.body.append(data, size);
    return !too_long;
  };
  const bool done = Exchange().Run(wire, out);
  if (too_long) {
    return {Error{Code::kRejected, "the answer is longer than " + std::to_string(endpoint.body_cap) + " bytes"}};
  }
  // A 304 ends with its head, which httplib does not know; the handler above stopped it there.
  const bool whole = (done && wire.watch().EndedProperly()) ||
                     (wire.watch().head() && wire.watch().refusal().empty() && wire.watch().Bodyless());
  if (!whole) {
    const Channel::Fault fault = channel.fault();
    const bool ended = fault == Channel::Fault::kClosed || fault == Channel::Fault::kBroken;
    return {FaultOf(channel, wire), false, ended && !wire.watch().started()};
  }
  response.status = wire.watch().head()->status;
  response.headers = wire.watch().head()->headers;
  const bool delimited = wire.watch().Bodyless() || wire.watch().head()->chunked || wire.watch().head()->body_size;
  return {std::move(response), delimited && !wire.watch().head()->close};
}

bool ChangesNothing(const std::string& method) { return method == "GET" || method == "HEAD" || method == "OPTIONS"; }

// A stream, its connection and the thread that receives it.
class HttpLineStream final : public LineStream {
 public:
  // `owner` keeps the client's wake event alive.
  HttpLineStream(std::shared_ptr<void> owner, HttpRequest request, const HttpEndpoint& endpoint)
      : owner_(std::move(owner)), request_(std::move(request)), endpoint_(endpoint) {}

  ~HttpLineStream() override {
    Cancel();
    if (thread_.joinable()) thread_.join();
  }

  const WakeEvent* event() const { return &cancelled_; }

  // Sends the request and waits for the head, or for the whole error.
  Result<HttpResponse> Start(ChannelPtr channel) {
    channel_ = std::move(channel);
    try {
      thread_ = std::thread([this] { Receive(); });
    } catch (const std::system_error&) {
      return Error{Code::kRetry, "no thread for the stream"};
    }
    std::unique_lock<std::mutex> lock(mutex_);
    // The channel's deadline ends the wait.
    opened_.wait(lock, [this] { return head_.has_value(); });
    return std::move(*head_);
  }

  Item Next(Duration wait) override { return queue_.Next(wait); }

  void Cancel() override {
    cancelled_.Set();
    queue_.Cancel();
  }

 private:
  void Tell(Result<HttpResponse> head) {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (!head_) head_ = std::move(head);
    opened_.notify_all();
  }

  void Receive() {
    httplib::Request out = ToHttplib(request_, endpoint_);
    Wire wire(*channel_, false);
    HttpResponse response;
    bool streaming = false;
    bool too_long = false;
    out.response_handler = [&](const httplib::Response&) {
      response.status = wire.watch().head()->status;
      response.headers = wire.watch().head()->headers;
      streaming = response.status == 200;
      if (streaming) {
        channel_->ReadBy(Channel::kNever);
        Tell(response);
      }
      return !wire.watch().Bodyless();
    };
    out.content_receiver = [&](const char* data, size_t size, std::uint64_t, std::uint64_t) {
      if (streaming) return queue_.Feed({data, size});
      too_long = response.body.size() + size > kErrorBodyCap;
      if (!too_long) response.body.append(data, size);
      return !too_long;
    };
    const bool done = Exchange().Run(wire, out) && wire.watch().EndedProperly();
    if (streaming && done) {
      queue_.End();
    } else if (streaming) {
      queue_.Fail(FaultOf(*channel_, wire).what);
    } else if (too_long) {
      Tell(Error{Code::kRejected, "the answer is longer than " + std::to_string(kErrorBodyCap) + " bytes"});
    } else if (done || (wire.watch().head() && wire.watch().refusal().empty() && wire.watch().Bodyless())) {
      response.status = wire.watch().head()->status;
      response.headers = wire.watch().head()->headers;
      Tell(std::move(response));
    } else {
      Tell(FaultOf(*channel_, wire));
    }
    channel_.reset();  // the server learns at once, however long the lines are kept
  }

  const std::shared_ptr<void> owner_;
  const HttpRequest request_;
  const HttpEndpoint& endpoint_;
  WakeEvent cancelled_;
  ChannelPtr channel_;  // the thread's alone once that runs
  LineQueue queue_;
  std::mutex mutex_;
  std::condition_variable opened_;
  std::optional<Result<HttpResponse>> head_;
  std::thread thread_;
};

}  // namespace

HttpClient::HttpClient(HttpEndpoint endpoint) : impl_(std::make_shared<Impl>(std::move(endpoint))) {}

HttpClient::~HttpClient() { Cancel(); }

void HttpClient::Cancel() { impl_->stop.Set(); }

Result<HttpResponse> HttpClient::Send(const HttpRequest& request, Duration deadline) {
  const std::shared_ptr<Impl> impl = impl_;
  if (auto refusal = impl->Refusal(request)) return impl->Named(request, *refusal);
  const Instant by = MonotonicNow() + deadline;
  for (ChannelPtr channel = impl->TakeIdle();; channel = nullptr) {
    const bool reused = channel != nullptr;
    if (!reused) {
      auto fresh = impl->Connect(by, {&impl->stop});
      if (!fresh) return impl->Named(request, fresh.error());
      channel = std::move(*fresh);
    }
    channel->ReadBy(by);
    channel->WriteBy(by);
    Attempt attempt = SendOn(*channel, request, impl->endpoint);
    if (attempt.answer && attempt.reusable) impl->PutBack(std::move(channel));
    if (attempt.answer) return std::move(attempt.answer);
    if (!reused || !attempt.again || !ChangesNothing(request.method)) {
      return impl->Named(request, attempt.answer.error());
    }
  }
}

Result<OpenedStream> HttpClient::Open(const HttpRequest& request, Duration deadline) {
  const std::shared_ptr<Impl> impl = impl_;
  if (auto refusal = impl->Refusal(request)) return impl->Named(request, *refusal);
  const Instant by = MonotonicNow() + deadline;
  auto lines = std::make_unique<HttpLineStream>(impl, request, impl->endpoint);
  auto channel = impl->Connect(by, {&impl->stop, lines->event()});
  if (!channel) return impl->Named(request, channel.error());
  auto head = lines->Start(std::move(*channel));
  if (!head) return impl->Named(request, head.error());
  OpenedStream opened{std::move(*head), nullptr};
  if (opened.head.status == 200) opened.lines = std::move(lines);
  return opened;
}

}  // namespace spillway
