#include "src/base/http_server.h"

#include <httplib.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>

#include "src/base/channel.h"
#include "src/base/dial.h"
#include "src/base/http_date.h"
#include "src/base/http_head.h"
#include "src/base/json.h"
#include "src/base/tls.h"
#include "src/base/wake.h"
#include "src/base/workers.h"

// Of cpp-httplib only the writing of answers is used (heads, chunks). Its own server gives a hostile client too much:
// endless headers and chunks, slow bytes that hold a thread for ever, two messages where others see one, recursive
// regular expressions over client text, a second process on the same port.

namespace spillway {
namespace {

constexpr std::size_t kHeadCap = 32768;     // bytes; Chosen: a token of 16 KiB and room to spare
constexpr Duration kFarewell = 1s;          // Chosen: two round trips of a slow line
constexpr Duration kAcceptPause = 50ms;     // Chosen: out of descriptors, until a connection ends
constexpr std::size_t kRefusedAtOnce = 16;  // Chosen: beyond it, a connection above the cap is closed without a word

HttpReply Refusal(const RequestHead& head) {
  static constexpr std::string_view kTitle = "Request refused";
  return ProblemReply(head.refused, kTitle, head.reason);
}

// A handler's answer may carry text from elsewhere: it must not become a header or a status line of its own.
bool FitToSend(const HttpReply& reply) {
  const HttpResponse& response = reply.response;
  for (const auto& [name, value] : response.headers.fields()) {
    if (!IsToken(name) || !IsFieldValue(value)) return false;
  }
  return response.status >= 200 && response.status <= 599;
}

// The one request line that httplib gets to read: everything a client said has been read by then, strictly and by us.
std::string CleanRequest(bool head_only, bool close) {
  return std::string(head_only ? "HEAD" : "GET") + " / HTTP/1.1\r\n" + (close ? "Connection: close\r\n" : "") + "\r\n";
}

class Wire final : public httplib::Stream {
 public:
  Wire(Channel& channel, Duration write_limit, std::string request)
      : channel_(channel), write_limit_(write_limit), request_(std::move(request)) {}

  bool is_readable() const override { return taken_ < request_.size(); }
  bool is_writable() const override { return true; }
  void get_remote_ip_and_port(std::string&, int&) const override {}
  void get_local_ip_and_port(std::string&, int&) const override {}
  socket_t socket() const override { return INVALID_SOCKET; }

  ssize_t read(char* data, size_t size) override {
    const std::size_t n = request_.copy(data, size, taken_);
    taken_ += n;
    return static_cast<ssize_t>(n);
  }
  ssize_t write(const char* data, size_t size) override {
    channel_.WriteBy(MonotonicNow() + write_limit_);
    return channel_.Write({data, size}) ? static_cast<ssize_t>(size) : -1;
  }

 private:
  Channel& channel_;
  const Duration write_limit_;
  const std::string request_;
  std::size_t taken_ = 0;
};

class OpenReply final : public ReplyStream {
 public:
  OpenReply(Channel& channel, httplib::DataSink& sink) : channel_(channel), sink_(sink) {}

  bool Write(std::string_view bytes) override {
    if (!alive_) return false;
    // An empty chunk would be the end of the body.
    if (!bytes.empty()) alive_ = sink_.write(bytes.data(), bytes.size());
    return alive_ && WaitAlive(Duration{0});
  }
  bool WaitAlive(Duration most) override {
    alive_ = alive_ && channel_.AwaitAlive(MonotonicNow() + most);
    return alive_;
  }
  void Abort() override { alive_ = false; }

  bool alive() const { return alive_; }

 private:
  Channel& channel_;
  httplib::DataSink& sink_;
  bool alive_ = true;
};

// httplib calls back without a context of ours; an answer is written on the thread that made it.
struct Answer {
  HttpReply reply;
  Channel* channel;
  Duration write_limit;
};
thread_local Answer* current = nullptr;

// Writes answers through httplib's protected exchange.
class Writer final : private httplib::Server {
 public:
  Writer() {
    // httplib takes an invalid socket for a server that is stopping, and writes no body then.
    svr_sock_ = 0;
    set_pre_routing_handler([](const httplib::Request&, httplib::Response& out) {
      Fill(out);
      return HandlerResponse::Handled;
    });
    set_post_routing_handler([](const httplib::Request&, httplib::Response& out) {
      out.headers.erase("Keep-Alive");
      out.headers.erase("Accept-Ranges");
      if (out.status == 204 || out.status == 304) out.headers.erase("Content-Length");
    });
  }
  ~Writer() override { svr_sock_ = INVALID_SOCKET; }

  // False: the connection is not fit for another request.
  bool Write(Answer& answer, bool head_only, bool close) {
    Wire wire(*answer.channel, answer.write_limit, CleanRequest(head_only, close));
    bool closed = false;
    current = &answer;
    bool written = false;
    try {
      written = process_request(wire, false, closed, nullptr);
    } catch (const std::exception&) {
      written = false;
    }
    current = nullptr;
    return written && !close;
  }

 private:
  static void Fill(httplib::Response& out) {
    HttpReply& reply = current->reply;
    out.status = reply.response.status;
    for (const auto& [name, value] : reply.response.headers.fields()) {
      const bool framing = strcasecmp(name.c_str(), "Content-Length") == 0 ||
                           strcasecmp(name.c_str(), "Transfer-Encoding") == 0 ||
                           strcasecmp(name.c_str(), "Connection") == 0;
      const bool kind = strcasecmp(name.c_str(), "Content-Type") == 0;
      if (!framing && !(kind && reply.stream)) out.headers.emplace(name, value);
    }
    // Whoever has a clock says so, and others learn from it whether theirs is right. Source: RFC 9110, 6.6.1.
    if (!reply.response.headers.Find("Date")) {
      const auto now = std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
      out.headers.emplace("Date", HttpDate(now));
    }
    const bool bodyless = out.status == 204 || out.status == 304;
    if (bodyless) return;
    if (!reply.stream) {
      out.body = std::move(reply.response.body);
      return;
    }
    const std::string kind = reply.response.headers.Find("Content-Type").value_or("application/octet-stream");
    out.set_chunked_content_provider(kind, [answer = current](std::size_t, httplib::DataSink& sink) {
      OpenReply open(*answer->channel, sink);
      answer->reply.stream(open);
      if (open.alive()) sink.done();
      return open.alive();
    });
  }
};

}  // namespace

struct HttpServer::Impl {
  Impl(ServerOptions given, Handler handle, int listening)
      : options(std::move(given)), handler(std::move(handle)), listener(listening) {}
  ~Impl() { ::close(listener); }

  void Accept();
  void Admit(int fd);
  void Refuse(int fd);
  void Serve(int fd);
  bool ServeOne(Channel& channel, const std::string& peer_ip, const std::string& subject);
  std::optional<RequestHead> ReadHead(Channel& channel) const;
  bool ReadBody(Channel& channel, const RequestHead& head, std::string& body) const;
  HttpReply Handle(const ServerRequest& request) const;

  const ServerOptions options;
  const Handler handler;
  const int listener;
  TlsContext tls;
  WakeEvent stop;
  Writer writer;
  Workers workers;
  std::atomic<std::size_t> active{0};
  std::atomic<std::size_t> refused{0};
  std::thread accepting;
  std::mutex stopping;
};

void HttpServer::Impl::Accept() {
  std::array<pollfd, 2> waiting = {{{listener, POLLIN, 0}, {stop.fd(), POLLIN, 0}}};
  const int pause = static_cast<int>(std::chrono::duration_cast<std::chrono::milliseconds>(kAcceptPause).count());
  while (!stop.IsSet()) {
    if (::poll(waiting.data(), waiting.size(), -1) < 0 || waiting[0].revents == 0) continue;
    const int fd = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd >= 0) {
      Admit(fd);
    } else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
      // The connection stays in the backlog; asking again at once would spin.
      ::poll(&waiting[1], 1, pause);
    }
  }
}

void HttpServer::Impl::Admit(int fd) {
  if (active.fetch_add(1) < options.connections_cap) {
    const bool taken = workers.Run([this, fd] {
      Serve(fd);
      active.fetch_sub(1);
    });
    if (taken) return;
    active.fetch_sub(1);
    ::close(fd);
    return;
  }
  active.fetch_sub(1);
  if (refused.fetch_add(1) < kRefusedAtOnce && tls == nullptr) {
    const bool taken = workers.Run([this, fd] {
      Refuse(fd);
      refused.fetch_sub(1);
    });
    if (taken) return;
  }
  refused.fetch_sub(1);
  ::close(fd);
}

void HttpServer::Impl::Refuse(int fd) {
  Channel channel(fd, {&stop});
  channel.WriteBy(MonotonicNow() + kFarewell);
  channel.Write("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nRetry-After: 1\r\nConnection: close\r\n\r\n");
  channel.CloseGently(kFarewell);
}

void HttpServer::Impl::Serve(int fd) {
  Channel channel(fd, {&stop});
  const std::string peer_ip = channel.PeerIp();
  if (tls != nullptr) {
    const Instant by = MonotonicNow() + options.header_deadline;
    channel.ReadBy(by);
    channel.WriteBy(by);
    if (!channel.Handshake(ServerSession(tls, fd))) return channel.CloseGently(kFarewell);
  }
  const std::string subject = channel.Subject();
  // The first request is due at once; later ones may come when they like, within the idle limit.
  Duration patience = options.header_deadline;
  while (channel.AwaitInput(MonotonicNow() + patience) && ServeOne(channel, peer_ip, subject)) {
    patience = options.idle_limit;
  }
  const bool heard_out = channel.fault() == Channel::Fault::kNone || channel.fault() == Channel::Fault::kTimeout;
  if (heard_out) channel.CloseGently(kFarewell);
}

// nullopt: nothing more will come, or not in time, and there is nobody to answer.
std::optional<RequestHead> HttpServer::Impl::ReadHead(Channel& channel) const {
  channel.ReadBy(MonotonicNow() + options.header_deadline);
  std::string raw;
  while (raw.size() < 4 || raw.compare(raw.size() - 4, 4, "\r\n\r\n") != 0) {
    char byte = 0;
    if (channel.Read(&byte, 1) != 1) return std::nullopt;
    raw += byte;
    if (raw == "\r\n") raw.clear();  // Source: RFC 9112 section 2.2: an empty line before a request is to be ignored
    if (raw.size() <= kHeadCap) continue;
    RequestHead head;
    head.refused = raw.find('\n') > kHeadCap ? 414 : 431;
    head.reason = "the head of the request is too long";
    return head;
  }
  return ReadRequestHead(raw, options.body_cap);
}

bool HttpServer::Impl::ReadBody(Channel& channel, const RequestHead& head, std::string& body) const {
  channel.ReadBy(MonotonicNow() + options.body_deadline);
  channel.WriteBy(MonotonicNow() + options.body_deadline);
  if (head.expects_continue && head.body_size > 0 && !channel.Write("HTTP/1.1 100 Continue\r\n\r\n")) return false;
  while (body.size() < head.body_size) {
    std::array<char, 16384> piece{};
    const std::size_t wanted = std::min<std::size_t>(piece.size(), head.body_size - body.size());
    const ssize_t n = channel.Read(piece.data(), wanted);
    if (n <= 0) return false;
    body.append(piece.data(), static_cast<std::size_t>(n));
  }
  return true;
}

HttpReply HttpServer::Impl::Handle(const ServerRequest& request) const {
  try {
    HttpReply reply = handler(request);
    if (reply.drop || FitToSend(reply)) return reply;
  } catch (...) {  // what a handler throws may hold anything; the client is told nothing of it
  }
  return ProblemReply(500, "Internal error", "the request could not be handled");
}

bool HttpServer::Impl::ServeOne(Channel& channel, const std::string& peer_ip, const std::string& subject) {
  auto head = ReadHead(channel);
  if (!head) return false;
  Answer answer{{}, &channel, options.write_limit};
  if (head->refused != 0) {
    answer.reply = Refusal(*head);
    return writer.Write(answer, false, true);
  }
  ServerRequest request;
  if (!ReadBody(channel, *head, request.body)) return false;
  const bool head_only = head->method == "HEAD";
  request.method = std::move(head->method);
  request.target = std::move(head->target);
  request.headers = std::move(head->headers);
  request.peer_ip = peer_ip;
  request.client_subject = subject;
  answer.reply = Handle(request);
  if (answer.reply.drop) return false;
  if (answer.reply.stream && head->http_1_0) {
    answer.reply = ProblemReply(505, "HTTP/1.1 needed", "a stream needs HTTP/1.1");
  }
  return writer.Write(answer, head_only, head->close || stop.IsSet());
}

HttpServer::HttpServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

HttpServer::~HttpServer() { Stop(); }

Result<std::unique_ptr<HttpServer>> HttpServer::Start(ServerOptions options, Handler handler) {
  TlsContext tls;
  if (!options.cert_pem.empty()) {
    auto made = ServerTls(options.cert_pem, options.key_pem, options.client_ca_pem);
    if (!made) return made.error();
    tls = *made;
  }
  auto fd = ListenOn(options.host, options.port);
  if (!fd) return fd.error();
  auto impl = std::make_unique<Impl>(std::move(options), std::move(handler), *fd);
  impl->tls = std::move(tls);
  try {
    impl->accepting = std::thread([at = impl.get()] { at->Accept(); });
  } catch (const std::system_error& error) {
    return Error{Code::kRejected, std::string("no thread to listen with: ") + error.what()};
  }
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(impl)));
}

int HttpServer::port() const { return PortOf(impl_->listener); }

void HttpServer::Stop() {
  const std::lock_guard<std::mutex> lock(impl_->stopping);
  impl_->stop.Set();
  // From now on a connect is refused instead of left hanging in the backlog.
  ::shutdown(impl_->listener, SHUT_RDWR);
  if (impl_->accepting.joinable()) impl_->accepting.join();
  impl_->workers.Join();
}

HttpReply JsonReply(int status, std::string json) {
  return {{status, {{"Content-Type", "application/json"}}, std::move(json)}, nullptr, false};
}

HttpReply ProblemReply(int status, std::string_view title, std::string_view detail) {
  JsonDocument problem(rapidjson::kObjectType);
  auto& memory = problem.GetAllocator();
  SetMember(problem, "type", "about:blank", memory);
  SetMember(problem, "title", title, memory);
  SetMember(problem, "status", JsonValue(status), memory);
  SetMember(problem, "detail", detail, memory);
  return {{status, {{"Content-Type", "application/problem+json"}}, JsonText(problem)}, nullptr, false};
}

}  // namespace spillway
