#include "src/base/router.h"

#include <algorithm>
#include <set>

#include "src/base/http.h"
#include "src/base/join.h"

namespace spillway {
namespace {

bool Captures(const std::string& segment) {
  return segment.size() > 2 && segment.front() == '{' && segment.back() == '}';
}

// "/a/b" -> {"a", "b"}; "/a/" -> {"a", ""}.
std::vector<std::string> Segments(std::string_view path) {
  std::vector<std::string> segments;
  if (!path.empty() && path.front() == '/') path.remove_prefix(1);
  for (;;) {
    const std::size_t slash = path.find('/');
    segments.emplace_back(path.substr(0, slash));
    if (slash == std::string_view::npos) return segments;
    path.remove_prefix(slash + 1);
  }
}

std::optional<std::string> Decoded(const std::string& segment) {
  auto text = PercentDecode(segment, false);
  if (!text || text->empty() || text->find('/') != std::string::npos || text->find('\0') != std::string::npos) {
    return std::nullopt;
  }
  return text;
}

// What the pattern captures of these segments; nullopt: it does not fit.
std::optional<std::vector<std::string>> Fit(const std::vector<std::string>& pattern,
                                            const std::vector<std::string>& segments) {
  if (pattern.size() != segments.size()) return std::nullopt;
  std::vector<std::string> captured;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (!Captures(pattern[i])) {
      if (pattern[i] != segments[i]) return std::nullopt;
      continue;
    }
    auto value = Decoded(segments[i]);
    if (!value) return std::nullopt;
    captured.push_back(std::move(*value));
  }
  return captured;
}

std::string AllowOf(std::set<std::string> methods) {
  if (methods.count("GET") > 0) methods.insert("HEAD");
  return Joined(methods, ", ");
}

}  // namespace

void Router::Add(std::string_view method, std::string_view pattern, int id) {
  Route route{std::string(method), Segments(pattern), id};
  // Kept in the order of choice: a literal goes before a capture at the first place where they differ.
  const auto before = [](const Route& a, const Route& b) {
    return std::lexicographical_compare(
        a.segments.begin(), a.segments.end(), b.segments.begin(), b.segments.end(),
        [](const std::string& x, const std::string& y) { return !Captures(x) && Captures(y); });
  };
  routes_.insert(std::upper_bound(routes_.begin(), routes_.end(), route, before), std::move(route));
}

Router::Outcome Router::Find(std::string_view method, std::string_view target) const {
  const std::vector<std::string> segments = Segments(SplitTarget(target).first);
  std::set<std::string> others;
  for (const Route& route : routes_) {
    auto captured = Fit(route.segments, segments);
    if (!captured) continue;
    if (route.method == method || (method == "HEAD" && route.method == "GET")) {
      return {200, route.id, std::move(*captured), {}};
    }
    others.insert(route.method);
  }
  if (others.empty()) return {};
  return {405, -1, {}, AllowOf(std::move(others))};
}

}  // namespace spillway
