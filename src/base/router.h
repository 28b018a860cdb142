// From a method and a path to the route that was meant: by segments, without regular expressions.
#ifndef SPILLWAY_SRC_BASE_ROUTER_H_
#define SPILLWAY_SRC_BASE_ROUTER_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace spillway {

// Filled at the start, then read by any number of threads.
class Router {
 public:
  // `pattern`: "/api/v1/apps/{app}/decisions"; a segment in braces captures one whole segment, which is never empty.
  // `id` is the caller's, usually of an enumeration. Where two patterns fit, the one with the earlier literal wins.
  void Add(std::string_view method, std::string_view pattern, int id);

  struct Outcome {
    int status = 404;                   // 200: found; 404: no such path; 405: not by this method
    int id = -1;                        // 200 only
    std::vector<std::string> captured;  // decoded, in the pattern's order
    std::string allow;                  // 405 only: the value for Allow, "GET, HEAD, POST"
  };
  // `target` is raw, its query is not looked at. HEAD finds the route of GET. "/a" and "/a/" are two paths. A capture
  // with a malformed escape, a NUL or an encoded '/' is no match: no name of ours has one.
  Outcome Find(std::string_view method, std::string_view target) const;

 private:
  struct Route {
    std::string method;
    std::vector<std::string> segments;
    int id;
  };
  std::vector<Route> routes_;
};

}  // namespace spillway

#endif  // SPILLWAY_SRC_BASE_ROUTER_H_
