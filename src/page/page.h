// The dashboard's files, as constants of the program.
#ifndef SPILLWAY_SRC_PAGE_PAGE_H_
#define SPILLWAY_SRC_PAGE_PAGE_H_

#include <string_view>
#include <vector>

namespace spillway::page {

struct Asset {
  std::string_view path;  // of the URL
  std::string_view type;  // Content-Type
  std::string_view tag;   // ETag, with its quotes; changes with the content
  std::string_view body;
};

// "/" and everything that it loads. They hold no data, so they are for everybody; what they show comes from the API.
const std::vector<Asset>& Assets();

}  // namespace spillway::page

#endif  // SPILLWAY_SRC_PAGE_PAGE_H_
