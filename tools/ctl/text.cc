#include "tools/ctl/text.h"

#include <algorithm>

namespace spillway::ctl {
namespace {

// Bytes of UTF-8 that begin a character.
std::size_t Width(const std::string& text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](unsigned char c) { return (c & 0xc0U) != 0x80U; }));
}

std::string Clean(const std::string& text) {
  std::string clean = text;
  for (char& c : clean) {
    if (static_cast<unsigned char>(c) < ' ' || c == 0x7f) c = '?';
  }
  return clean;
}

std::string Cut(const std::string& line) {
  if (Width(line) <= kColumns) return line;
  std::string cut;
  std::size_t width = 0;
  for (const char c : line) {
    if ((static_cast<unsigned char>(c) & 0xc0U) != 0x80U && ++width > kColumns - 1) break;
    cut += c;
  }
  return cut + "…";
}

}  // namespace

std::string Table(const std::vector<Row>& rows) {
  std::vector<std::size_t> widths;
  for (const Row& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], Width(row[i]));
  }
  std::string text;
  for (const Row& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      line += Clean(row[i]) + std::string(widths[i] - Width(row[i]) + 2, ' ');
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += Cut(line) + "\n";
  }
  return text;
}

std::string Wrapped(const std::string& first, const std::string& text, std::size_t indent) {
  std::string lines, line = first;
  bool fresh = true;  // nothing but the indent is on the line
  std::string word;
  const std::string clean = Clean(text) + " ";
  for (const char c : clean) {
    if (c != ' ') {
      word += c;
      continue;
    }
    if (word.empty()) continue;
    if (!fresh && Width(line) + 1 + Width(word) > kColumns) {
      lines += line + "\n";
      line = std::string(indent, ' ');
      fresh = true;
    }
    line += (fresh ? "" : " ") + word;
    fresh = false;
    word.clear();
  }
  return lines + line + "\n";
}

std::string Coloured(const std::string& text) {
  std::string out;
  bool forced = false;  // the line before was red, and this one goes on with it
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string line = text.substr(at, end - at);
    at = end + 1;
    const std::size_t word = line.find(' ');
    const bool head = word != std::string::npos && word > 1 &&
                      std::all_of(line.begin(), line.end(), [](char c) { return c == ' ' || (c >= 'A' && c <= 'Z'); });
    forced = line.starts_with("!! ") || (forced && line.starts_with("  "));
    const char* colour = head                                         ? "\x1b[1m"
                         : line.starts_with("! ")                     ? "\x1b[33m"
                         : forced || line.starts_with("spillwayctl:") ? "\x1b[31m"
                                                                      : "";
    out += *colour == '\0' ? line : colour + line + "\x1b[0m";
    if (end < text.size()) out += '\n';
  }
  return out;
}

}  // namespace spillway::ctl
