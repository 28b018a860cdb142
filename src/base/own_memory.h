// What a process that holds secrets lets others see of its memory.
#ifndef SPILLWAY_SRC_BASE_OWN_MEMORY_H_
#define SPILLWAY_SRC_BASE_OWN_MEMORY_H_

namespace spillway {

// What is in memory (passwords, tokens, keys) is from now on not to be found on a disk as a core dump, nor read by
// another process of the user. To be called before the first secret is read. A kernel that refuses changes nothing.
void KeepMemoryToOurselves();

}  // namespace spillway

#endif  // SPILLWAY_SRC_BASE_OWN_MEMORY_H_
