// Makes the decisions of a journal again.
#ifndef SPILLWAY_TOOLS_SIMULATE_REPLAY_H_
#define SPILLWAY_TOOLS_SIMULATE_REPLAY_H_

#include <cstddef>
#include <string>
#include <vector>

namespace spillway::sim {

struct Replayed {
  std::size_t records = 0;        // lines read
  std::size_t decided = 0;        // of them, made again
  std::size_t different = 0;      // of those, with another outcome
  std::vector<std::string> told;  // a line for each that differs or could not be made again, with its number and time
};

// `journal`: lines as in journal.jsonl (docs/api.md). Each record is decided again from what it holds, by this
// program's Decide. Records without a question (of older versions) are told of and passed over; so is a last line that
// a crash cut off.
Replayed Replay(const std::string& journal);

}  // namespace spillway::sim

#endif  // SPILLWAY_TOOLS_SIMULATE_REPLAY_H_
