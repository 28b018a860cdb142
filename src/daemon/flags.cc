#include "src/daemon/flags.h"

#include <optional>

namespace spillway::daemon {
namespace {

std::optional<LogLevel> LevelOf(const std::string& word) {
  if (word == "debug") return LogLevel::kDebug;
  if (word == "info") return LogLevel::kInfo;
  if (word == "warn") return LogLevel::kWarn;
  if (word == "error") return LogLevel::kError;
  return std::nullopt;
}

std::optional<LogFormat> FormatOf(const std::string& word) {
  if (word == "text") return LogFormat::kText;
  if (word == "json") return LogFormat::kJson;
  return std::nullopt;
}

// Sets the flag that takes a value; false: the value does not fit.
bool SetValue(const std::string& name, const std::string& value, Flags& flags) {
  if (name == "--config") {
    flags.config = value;
    return !value.empty();
  }
  if (name == "--log-level") {
    const auto level = LevelOf(value);
    flags.log_level = level.value_or(flags.log_level);
    return level.has_value();
  }
  const auto format = FormatOf(value);
  flags.log_format = format.value_or(flags.log_format);
  return format.has_value();
}

bool* Switch(const std::string& name, Flags& flags) {
  if (name == "--check") return &flags.check;
  if (name == "--probe") return &flags.probe;
  if (name == "--dry-run") return &flags.dry_run;
  if (name == "--version") return &flags.version;
  if (name == "--help" || name == "-h") return &flags.help;
  return nullptr;
}

}  // namespace

const char kUsage[] =
    "usage: spillwayd --config FILE [--check [--probe]] [--dry-run] [--log-format text|json]\n"
    "                 [--log-level debug|info|warn|error] [--version]\n"
    "\n"
    "  --config FILE   the configuration (docs/configuration.md)\n"
    "  --check         say what is wrong with it, and end: 0 nothing, 2 something\n"
    "  --probe         and ask the clusters, Avi and the resolver once, as the doctor does: 1 if something fails\n"
    "  --dry-run       observe, decide and explain; write nothing anywhere\n"
    "\n"
    "SIGHUP reads the configuration again; SIGTERM ends, leaving traffic and replicas as they are.\n";

Result<Flags> ParseFlags(const std::vector<std::string>& arguments) {
  Flags flags;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::size_t equals = arguments[i].find('=');
    const std::string name = arguments[i].substr(0, equals);
    if (bool* on = Switch(name, flags); on != nullptr && equals == std::string::npos) {
      *on = true;
      continue;
    }
    if (name != "--config" && name != "--log-level" && name != "--log-format") {
      return Error{Code::kRejected, "unknown argument " + arguments[i]};
    }
    if (equals == std::string::npos && i + 1 == arguments.size()) {
      return Error{Code::kRejected, name + " needs a value"};
    }
    const std::string value = equals == std::string::npos ? arguments[++i] : arguments[i].substr(equals + 1);
    if (!SetValue(name, value, flags)) return Error{Code::kRejected, name + " can't be \"" + value + "\""};
  }
  if (flags.config.empty() && !flags.version && !flags.help) return Error{Code::kRejected, "--config FILE is missing"};
  if (flags.probe && !flags.check) return Error{Code::kRejected, "--probe goes with --check"};
  return flags;
}

}  // namespace spillway::daemon
