// One line an event: time, level, message, then key=value facts. Values never hold secrets.
#ifndef SPILLWAY_SRC_BASE_LOG_H_
#define SPILLWAY_SRC_BASE_LOG_H_

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace spillway {

enum class LogLevel { kDebug, kInfo, kWarn, kError, kNothing };  // kNothing: no line at all; for SetUpLog() only
enum class LogFormat { kText, kJson };

// To be called once, before threads start. Lines go to standard error.
void SetUpLog(LogLevel level, LogFormat format);

// A value's control characters are escaped, so that nothing from outside can forge a line. Safe from any thread.
using LogFacts = std::initializer_list<std::pair<std::string_view, std::string>>;
void Log(LogLevel level, std::string_view message, LogFacts facts = {});

}  // namespace spillway

#endif  // SPILLWAY_SRC_BASE_LOG_H_
