// A runbook's own settings: ${NAME} in any of its values.
#ifndef SPILLWAY_TOOLS_CTL_RUNBOOK_SETTINGS_H_
#define SPILLWAY_TOOLS_CTL_RUNBOOK_SETTINGS_H_

#include <yaml-cpp/yaml.h>

#include <map>
#include <string>

#include "src/daemon/config_section.h"

namespace spillway::ctl {

// "spillway.runbook/v1".
extern const daemon::TextRule kRunbookVersion;

// Takes `settings` out of the file and puts their values, or those of `given`, where they are named. A value that was
// filled in and is empty leaves its key out. Mistakes go to `context`. `any_word`: a setting without a value is "x".
void FillIn(YAML::Node& root, const std::map<std::string, std::string>& given, bool any_word,
            daemon::ReadContext& context);

}  // namespace spillway::ctl

#endif  // SPILLWAY_TOOLS_CTL_RUNBOOK_SETTINGS_H_
