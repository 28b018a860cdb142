#include "src/base/log.h"

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <cstdio>

namespace spillway {
namespace {

std::atomic<LogFormat>& Format() {
  static std::atomic<LogFormat> format{LogFormat::kText};
  return format;
}

spdlog::level::level_enum Level(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return spdlog::level::debug;
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarn:
      return spdlog::level::warn;
    case LogLevel::kError:
      return spdlog::level::err;
    case LogLevel::kNothing:
      return spdlog::level::off;
  }
  return spdlog::level::info;
}

// The UTF-8 sequence at the start of `text` as a code point and its length; length 0: it is none.
std::pair<std::uint32_t, std::size_t> CodePoint(std::string_view text) {
  const auto first = static_cast<unsigned char>(text.front());
  if (first < 0x80) return {first, 1};
  const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < length) return {0, 0};
  std::uint32_t point = first & (0x7fU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    const auto next = static_cast<unsigned char>(text[i]);
    if ((next & 0xc0U) != 0x80U) return {0, 0};
    point = (point << 6U) | (next & 0x3fU);
  }
  return {point, length};
}

// As a JSON string in which nothing is left that a terminal or a reader of lines could obey: no control characters of
// either set, no Unicode line ends, no broken UTF-8.
std::string Quoted(std::string_view text) {
  std::string out = "\"";
  while (!text.empty()) {
    const auto [point, length] = CodePoint(text);
    const bool obeyed = point < 0x20 || (point >= 0x7f && point < 0xa0) || point == 0x2028 || point == 0x2029;
    if (length == 0) {
      out += "\\ufffd";
    } else if (point == '"' || point == '\\') {
      out += {'\\', static_cast<char>(point)};
    } else if (obeyed) {
      std::array<char, 8> escape{};
      std::snprintf(escape.data(), escape.size(), "\\u%04x", static_cast<unsigned>(point & 0xffffU));
      out += escape.data();
    } else {
      out += text.substr(0, length);
    }
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return out + "\"";
}

bool Plain(std::string_view text) {
  if (text.empty()) return false;
  for (const char c : text) {
    if (c <= ' ' || c == '"' || c == '=' || c == '\\' || c == 0x7f) return false;
  }
  return true;
}

}  // namespace

void SetUpLog(LogLevel level, LogFormat format) {
  Format() = format;
  auto logger = std::make_shared<spdlog::logger>("spillway", std::make_shared<spdlog::sinks::stderr_color_sink_mt>());
  logger->set_level(Level(level));
  logger->flush_on(spdlog::level::debug);
  logger->set_pattern(format == LogFormat::kJson ? R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l",%v})"
                                                 : "%Y-%m-%dT%H:%M:%S.%eZ %^%-5l%$ %v",
                      spdlog::pattern_time_type::utc);
  spdlog::set_default_logger(std::move(logger));
}

void Log(LogLevel level, std::string_view message, LogFacts facts) {
  if (!spdlog::should_log(Level(level))) return;
  std::string line;
  if (Format() == LogFormat::kJson) {
    line = "\"message\":" + Quoted(message);
    for (const auto& [key, value] : facts) line += ",\"" + std::string(key) + "\":" + Quoted(value);
  } else {
    line = Plain(message) ? std::string(message) : Quoted(message);
    if (line.size() == message.size() + 2) line = message;  // only spaces made it quoted: nothing needed escaping
    for (const auto& [key, value] : facts) {
      line += "  " + std::string(key) + "=" + (Plain(value) ? value : Quoted(value));
    }
  }
  spdlog::default_logger_raw()->log(Level(level), spdlog::string_view_t(line.data(), line.size()));
}

}  // namespace spillway
