// Text for terminals of 100 columns.
#ifndef SPILLWAY_TOOLS_CTL_TEXT_H_
#define SPILLWAY_TOOLS_CTL_TEXT_H_

#include <cstddef>
#include <string>
#include <vector>

#include "src/base/figure_text.h"

namespace spillway::ctl {

inline constexpr std::size_t kColumns = 100;

using Row = std::vector<std::string>;

// Columns two blanks apart, as wide as their widest cell; a line that would be too long is cut, with "…" at its end.
// Control characters from outside become '?'. Each line ends with a newline and without blanks.
std::string Table(const std::vector<Row>& rows);

// `text` in lines of at most kColumns, each but the first behind `indent` blanks; the first behind `first`. A word that
// is longer stays whole, so that a path can be copied.
std::string Wrapped(const std::string& first, const std::string& text, std::size_t indent);

// The same with colours: a table's head bold, what begins with "!" yellow; red what refuses or fails, and what begins
// with "!!" with all its lines. Source: ECMA-48, SGR.
std::string Coloured(const std::string& text);

}  // namespace spillway::ctl

#endif  // SPILLWAY_TOOLS_CTL_TEXT_H_
