// An HTTP/1.1 server that owns its sockets: everything capped, every wait bounded, streams that notice a gone client.
#ifndef SPILLWAY_SRC_BASE_HTTP_SERVER_H_
#define SPILLWAY_SRC_BASE_HTTP_SERVER_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "src/base/http.h"
#include "src/base/result.h"

namespace spillway {

// What a handler is given. `target` is raw; a handler routes by it.
struct ServerRequest : HttpRequest {
  std::string peer_ip;
  std::string client_subject;  // RFC 2253 subject of a verified client certificate; empty: none was shown
};

// The open end of a streamed answer; used only inside HttpReply::stream.
class ReplyStream {
 public:
  virtual ~ReplyStream() = default;
  // Sends one chunk at once. False: the client has gone or the server stops; return then.
  virtual bool Write(std::string_view bytes) = 0;
  // Waits at most `most`, less if the client goes or the server stops. False: gone; return.
  virtual bool WaitAlive(Duration most) = 0;
  // Cuts the connection without the closing chunk: the client sees a broken stream.
  virtual void Abort() = 0;
};

// A handler's answer. With `stream` set, the head (status and headers of `response`) goes out at once, chunked, and
// `stream` then writes the body on the connection's thread until it returns. `drop`: cut the connection unanswered.
struct HttpReply {
  HttpResponse response;
  std::function<void(ReplyStream&)> stream;
  bool drop = false;
};

struct ServerOptions {
  std::string host = "127.0.0.1";
  int port = 0;          // 0: any free one
  std::string cert_pem;  // empty: plain HTTP; else leaf first, then chain
  std::string key_pem;
  std::string client_ca_pem;          // not empty: client certificates are asked for and, if shown, verified
  std::size_t body_cap = 1U << 20U;   // bytes of a request's body; more is answered 413
  std::size_t connections_cap = 512;  // more are answered 503 and closed
  Duration header_deadline = 5s;      // for a request's line and headers
  Duration body_deadline = 10s;       // for a request's body
  Duration idle_limit = 60s;          // for the next request on a kept-alive connection
  Duration write_limit = 30s;         // for one piece of an answer; Chosen: a slow reader must not hold a thread
};

// Handlers run on connection threads, several at once. A handler that throws is answered 500 without the text.
class HttpServer {
 public:
  using Handler = std::function<HttpReply(const ServerRequest&)>;

  // Listens before it returns. kRejected: the address is taken or a certificate does not parse (the message says
  // which). A second process on the same port is refused.
  static Result<std::unique_ptr<HttpServer>> Start(ServerOptions options, Handler handler);

  // Stops.
  ~HttpServer();

  int port() const;

  // Ends listening, streams and idle connections; waits for handlers under way. Idempotent.
  void Stop();

 private:
  struct Impl;
  explicit HttpServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// A whole answer with a JSON body.
HttpReply JsonReply(int status, std::string json);
// An RFC 9457 problem: {"type":"about:blank","title":...,"status":...,"detail":...}.
HttpReply ProblemReply(int status, std::string_view title, std::string_view detail);

}  // namespace spillway

#endif  // SPILLWAY_SRC_BASE_HTTP_SERVER_H_
