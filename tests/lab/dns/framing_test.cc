#include "tools/lab/dns/framing.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

namespace spillway::lab {
namespace {

std::vector<std::string> TakeAll(MessageQueue& queue) {
  std::vector<std::string> messages;
  while (const std::optional<std::string> message = queue.Take()) messages.push_back(*message);
  return messages;
}

TEST(Framing, MessagesComeOutWholeWhereverTheStreamIsCut) {
  // The last is longer than one byte can say.
  const std::vector<std::string> sent = {"first", "", std::string(300, 'x')};
  std::string stream;
  for (const std::string& message : sent) stream += *Framed(message);
  for (std::size_t size = 1; size <= stream.size(); ++size) {
    MessageQueue queue;
    std::vector<std::string> got;
    for (std::size_t at = 0; at < stream.size(); at += size) {
      queue.Feed(std::string_view(stream).substr(at, size));
      for (const std::string& message : TakeAll(queue)) got.push_back(message);
    }
    EXPECT_EQ(got, sent) << "in pieces of " << size;
    EXPECT_EQ(queue.waiting(), 0U) << "in pieces of " << size;
  }
}

TEST(Framing, AMessageThatIsOneByteShortIsWaitedFor) {
  MessageQueue queue;
  queue.Feed(std::string_view("\0\5hell", 6));
  EXPECT_EQ(queue.Take(), std::nullopt);
  EXPECT_EQ(queue.waiting(), 6U);
  queue.Feed("o");
  EXPECT_EQ(queue.Take(), "hello");
}

TEST(Framing, TheLongestMessageFitsAndALongerOneIsRefused) {
  const std::string longest(kMessageMost, 'x');
  const Result<std::string> framed = Framed(longest);
  ASSERT_TRUE(framed);
  EXPECT_EQ(framed->substr(0, 2), "\xff\xff");
  MessageQueue queue;
  queue.Feed(*framed);
  EXPECT_EQ(queue.Take(), longest);
  const Result<std::string> longer = Framed(longest + 'x');
  ASSERT_FALSE(longer);
  EXPECT_EQ(longer.error().code, Code::kRejected);
}

}  // namespace
}  // namespace spillway::lab
