// The only way to RapidJSON: it makes misuse (a missing member, a wrong type) an exception instead of undefined
// behaviour. Including RapidJSON's headers directly would break the one-definition rule; tools/tidy forbids it.
#ifndef SPILLWAY_TOOLS_BAZEL_RAPIDJSON_CONFIG_H_
#define SPILLWAY_TOOLS_BAZEL_RAPIDJSON_CONFIG_H_

#include <stdexcept>

#define RAPIDJSON_ASSERT(x)                             \
  do {                                                  \
    if (!(x)) throw std::logic_error("rapidjson: " #x); \
  } while (0)

#include <rapidjson/document.h>
#include <rapidjson/error/en.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/prettywriter.h>
#include <rapidjson/reader.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#endif  // SPILLWAY_TOOLS_BAZEL_RAPIDJSON_CONFIG_H_
