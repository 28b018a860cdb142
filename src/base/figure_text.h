// Figures as text for people.
#ifndef SPILLWAY_SRC_BASE_FIGURE_TEXT_H_
#define SPILLWAY_SRC_BASE_FIGURE_TEXT_H_

#include <string>

namespace spillway {

// "43%", "4.8%".
std::string Percent(double share);

// At most two decimals, none where they are nothing.
std::string Number(double value);

// "5s", "3m20s", "2h5m": for ages; finer than a second only below one.
std::string Span(double seconds);

}  // namespace spillway

#endif  // SPILLWAY_SRC_BASE_FIGURE_TEXT_H_
