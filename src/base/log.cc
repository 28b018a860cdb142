#include "src/base/log.h"

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <atomic>

#include "src/base/json.h"

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
  }
  return spdlog::level::info;
}

std::string Quoted(std::string_view text) {
  return JsonText(JsonValue(rapidjson::StringRef(text.data(), static_cast<rapidjson::SizeType>(text.size()))));
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
