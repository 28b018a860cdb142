// Lists in words: "a; b; c".
#ifndef SPILLWAY_SRC_BASE_JOIN_H_
#define SPILLWAY_SRC_BASE_JOIN_H_

#include <string>
#include <string_view>

namespace spillway {

// Adds `part` to a list; `between` stands before each part but the first. An empty `text` is a list without parts.
inline void Join(std::string& text, std::string_view part, std::string_view between = "; ") {
  if (!text.empty()) text += between;
  text += part;
}

// All of `parts` (what std::string_view can look at) as one list.
template <class Parts>
std::string Joined(const Parts& parts, std::string_view between = "; ") {
  std::string text;
  for (const std::string_view part : parts) Join(text, part, between);
  return text;
}

}  // namespace spillway

#endif  // SPILLWAY_SRC_BASE_JOIN_H_
