#include "tests/lab/conversation.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "src/base/json.h"
#include "tests/lab/shell.h"

namespace spillway::lab {
namespace {

std::vector<std::string> Words(const std::string& line) {
  std::istringstream in(line);
  std::vector<std::string> words;
  for (std::string word; in >> word;) words.push_back(word);
  return words;
}

// "*" in `pattern` stands for anything.
bool Like(std::string_view pattern, std::string_view text) {
  const std::size_t star = pattern.find('*');
  if (star == std::string_view::npos) return pattern == text;
  if (text.substr(0, star) != pattern.substr(0, star)) return false;
  pattern.remove_prefix(star + 1);
  text.remove_prefix(star);
  for (std::size_t skip = 0; skip <= text.size(); ++skip) {
    if (Like(pattern, text.substr(skip))) return true;
  }
  return false;
}

std::string_view View(const JsonValue& text) { return {text.GetString(), text.GetStringLength()}; }

// What of `wanted` is not in `got`, as a path; empty: all is.
std::string Missing(const JsonValue& wanted, const JsonValue& got, const std::string& path = "") {
  if (wanted.IsObject() && got.IsObject()) {
    for (const auto& member : wanted.GetObject()) {
      const std::string inner = path + "." + member.name.GetString();
      const auto found = got.FindMember(member.name);
      if (member.value.IsNull() && found == got.MemberEnd()) continue;  // null: it must be absent, or null
      if (found == got.MemberEnd()) return inner + " is absent";
      std::string missing = Missing(member.value, found->value, inner);
      if (!missing.empty()) return missing;
    }
    return "";
  }
  if (wanted.IsArray() && got.IsArray()) {
    if (wanted.Size() != got.Size()) return path + " has " + std::to_string(got.Size()) + " entries";
    for (rapidjson::SizeType i = 0; i < wanted.Size(); ++i) {
      std::string missing = Missing(wanted[i], got[i], path + "." + std::to_string(i));
      if (!missing.empty()) return missing;
    }
    return "";
  }
  if (wanted.IsString() && got.IsString() && Like(View(wanted), View(got))) return "";
  return wanted == got ? "" : path + " is " + JsonText(got);
}

// "results.0.uuid"; nullptr: there is no such value.
const JsonValue* At(const JsonValue& value, std::string_view path) {
  const JsonValue* at = &value;
  while (at != nullptr && !path.empty()) {
    const std::size_t end = std::min(path.find('.'), path.size());
    const std::string_view step = path.substr(0, end);
    std::size_t index = 0;
    if (at->IsArray()) {
      const bool number = std::from_chars(step.data(), step.data() + step.size(), index).ec == std::errc{};
      at = number && index < at->Size() ? &(*at)[static_cast<rapidjson::SizeType>(index)] : nullptr;
    } else {
      at = Find(*at, step);
    }
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  return at;
}

std::pair<std::string, std::string> HeaderOf(std::string_view line) {
  const std::size_t colon = std::min(line.find(':'), line.size());
  std::string_view value = line.substr(std::min(colon + 1, line.size()));
  while (value.starts_with(' ')) value.remove_prefix(1);
  return {std::string(line.substr(0, colon)), std::string(value)};
}

bool HasHeader(const HttpResponse& response, std::string_view line) {
  const auto [name, pattern] = HeaderOf(line);
  const std::vector<std::string> values = response.headers.FindAll(name);
  return std::any_of(values.begin(), values.end(),
                     [&pattern = pattern](const std::string& value) { return Like(pattern, value); });
}

// curl's "-i": head, blank line, body.
HttpResponse ReadAnswer(const std::string& text) {
  HttpResponse response;
  std::size_t at = 0;
  for (bool first = true;; first = false) {
    const std::size_t end = text.find("\r\n", at);
    if (end == std::string::npos) return response;
    const std::string line = text.substr(at, end - at);
    at = end + 2;
    if (line.empty()) break;
    if (first) {
      const std::vector<std::string> words = Words(line);
      response.status = words.size() > 1 ? std::atoi(words[1].c_str()) : 0;
    } else {
      const auto [name, value] = HeaderOf(line);
      response.headers.Add(name, value);
    }
  }
  response.body = text.substr(at);
  return response;
}

bool IsJson(std::string_view text) { return text.starts_with("{") || text.starts_with("["); }

bool IsNumber(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isdigit(c) != 0; });
}

}  // namespace

std::string MissingIn(std::string_view got, std::string_view wanted) {
  const auto expected = ParseJson(wanted);
  if (!expected) return "what is expected is no JSON: " + expected.error().what;
  const auto answered = ParseJson(got);
  return answered ? Missing(*expected, *answered) : "the answer is no JSON";
}

std::vector<Conversation> ReadConversations(const std::string& path) {
  std::vector<Conversation> all;
  std::ifstream in(path);
  int number = 0;
  for (std::string line; std::getline(in, line);) {
    ++number;
    if (line.starts_with("## ")) {
      all.push_back({.file = path, .title = line.substr(3), .lines = {}, .first_line = number + 1});
    } else if (!all.empty()) {
      all.back().lines.push_back(line);
    }
  }
  if (all.empty()) all.push_back({.file = path, .title = "no conversation", .lines = {"in this file"}});
  return all;
}

std::string TestName(const Conversation& conversation) {
  std::string name = std::filesystem::path(conversation.file).stem().string() + "_";
  bool capital = true;
  for (const char c : conversation.title) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) == 0) {
      if (c == ':') name += '_';
      capital = true;
      continue;
    }
    name += static_cast<char>(capital ? std::toupper(byte) : byte);
    capital = false;
  }
  return name;
}

Player::Player(std::function<std::string(const std::string&)> url, std::string curl, Command command,
               std::string folder)
    : url_(std::move(url)), curl_(std::move(curl)), command_(std::move(command)), folder_(std::move(folder)) {}

void Player::Play(const Conversation& conversation) {
  for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
    if (entry.path().extension() == ".cookies") std::filesystem::remove(entry.path());
  }
  int number = conversation.first_line;
  for (const std::string& line : conversation.lines) {
    const testing::ScopedTrace where(conversation.file.c_str(), number++, line);
    Say(line);
    if (testing::Test::HasFatalFailure()) return;
  }
  EXPECT_FALSE(request_.waiting) << "the last request expects no answer, so it was never sent";
}

void Player::Say(const std::string& line) {
  if (line.empty()) in_as_ = false;
  if (line.empty() || line.starts_with("#")) return;
  const bool about_answer = line[0] == '<' || line[0] == '@';
  if (about_answer && request_.waiting) Send();
  if (line.starts_with("! ")) {
    ASSERT_FALSE(request_.waiting) << "the request before it expects no answer";
    ASSERT_TRUE(Do(Words(Filled(line.substr(2))))) << "there is no such command";
  } else if (line.starts_with("as ")) {
    in_as_ = true;
    standing_.clear();
  } else if (line.starts_with("> ") && in_as_) {
    const auto [name, value] = HeaderOf(std::string_view(line).substr(2));
    standing_[name] = value;
  } else if (line.starts_with("> ")) {
    request_.headers.push_back(HeaderOf(std::string_view(line).substr(2)));
  } else if (line.starts_with("| ")) {
    request_.body += line.substr(2);
  } else if (line.starts_with("<! ")) {
    Refute(line.substr(3));
  } else if (line.starts_with("< ")) {
    Expect(line.substr(2));
  } else if (line[0] == '<') {
    ExpectLine(line.substr(1));
  } else if (line.starts_with("@")) {
    Remember(line.substr(1));
  } else {
    Begin(line);
  }
}

bool Player::Do(const std::vector<std::string>& words) {
  if (words.size() != 2 || words[0] != "forget-cookies") return command_(*this, words);
  std::remove(Jar(words[1]).c_str());
  variables_.erase(words[1] + ".csrftoken");
  return true;
}

void Player::Begin(const std::string& line) {
  ASSERT_FALSE(request_.waiting) << "the request before it expects no answer";
  std::vector<std::string> words = Words(line);
  const bool until = words[0] == "until";
  if (until) words.erase(words.begin());
  ASSERT_EQ(words.size(), 3U) << "neither a request (NAME METHOD TARGET) nor anything else that is known";
  request_ = {.server = words[0],
              .method = words[1],
              .target = words[2],
              .body = "",
              .headers = {},
              .waiting = true,
              .until = until};
}

void Player::Send() {
  request_.waiting = false;
  std::map<std::string, std::string> headers = standing_;
  for (const auto& [name, value] : request_.headers) headers[name] = value;
  const std::string jar = Jar(request_.server);
  const std::string url = url_(request_.server);
  variables_["url"] = url;
  variables_["csrf"] = variables_[request_.server + ".csrftoken"];
  std::string command = "curl --silent --show-error --include --path-as-is --globoff --max-time 20 " + curl_;
  command += " --cookie " + Quoted(jar) + " --cookie-jar " + Quoted(jar) + " --request " + Quoted(request_.method);
  for (const auto& [name, value] : headers) command += " --header " + Quoted(name + ": " + Filled(value));
  if (!request_.body.empty()) {
    std::ofstream(folder_ + "/body") << Filled(request_.body);
    command += " --data-binary @" + Quoted(folder_ + "/body");
    if (!headers.contains("Content-Type")) command += " --header 'Content-Type:'";
  }
  const Output output = Shell(command + " " + Quoted(url + Filled(request_.target)));
  ASSERT_EQ(output.status, 0) << command << "\n" << output.text;
  response_ = ReadAnswer(output.text);
  for (const std::string& cookie : response_.headers.FindAll("Set-Cookie")) {
    if (!cookie.starts_with("csrftoken=")) continue;
    const std::string value = cookie.substr(cookie.find('=') + 1);
    variables_[request_.server + ".csrftoken"] = value.substr(0, value.find(';'));
  }
}

void Player::Expect(std::string_view what) {
  const std::string filled = Filled(what);
  if (IsNumber(filled)) {
    EXPECT_EQ(std::to_string(response_.status), filled) << response_.body;
  } else if (IsJson(filled)) {
    if (request_.until) Await(filled);
    ExpectJson(filled, response_.body);
  } else if (filled.starts_with("=")) {
    EXPECT_EQ(response_.body, filled.substr(std::min<std::size_t>(filled.starts_with("= ") ? 2 : 1, filled.size())));
  } else {
    EXPECT_TRUE(HasHeader(response_, filled)) << "no such header";
  }
}

void Player::ExpectJson(std::string_view wanted, std::string_view got) { EXPECT_EQ(MissingIn(got, wanted), "") << got; }

void Player::Await(std::string_view json) {
  request_.until = false;
  const Instant give_up = clock_.Now() + 30s;
  while (!MissingIn(response_.body, json).empty() && clock_.Now() < give_up && !testing::Test::HasFatalFailure()) {
    clock_.SleepUntil(clock_.Now() + 20ms);
    Send();
  }
}

// "2 {...}" or "# 2".
void Player::ExpectLine(std::string_view what) {
  std::istringstream in(response_.body);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  const std::string filled = Filled(what);
  const std::size_t space = std::min(filled.find(' '), filled.size());
  if (filled.starts_with("#")) {
    EXPECT_EQ(std::to_string(lines.size()), filled.substr(std::min(space + 1, filled.size()))) << response_.body;
    return;
  }
  const auto number = static_cast<std::size_t>(std::atoi(filled.c_str()));
  ASSERT_TRUE(number >= 1 && number <= lines.size()) << "there is no such line in " << response_.body;
  ExpectJson(std::string_view(filled).substr(std::min(space + 1, filled.size())), lines[number - 1]);
}

void Player::Refute(std::string_view what) { EXPECT_FALSE(HasHeader(response_, Filled(what))) << "it is there"; }

void Player::Remember(const std::string& line) {
  const std::vector<std::string> words = Words(line);
  ASSERT_EQ(words.size(), 2U) << "@NAME PATH";
  const auto body = ParseJson(response_.body);
  const JsonValue* value = body ? At(*body, words[1]) : nullptr;
  ASSERT_NE(value, nullptr) << response_.body;
  variables_[words[0]] = value->IsString() ? std::string(View(*value)) : JsonText(*value);
}

std::string Player::Filled(std::string_view text) const {
  std::string filled(text);
  for (auto variable = variables_.rbegin(); variable != variables_.rend(); ++variable) {  // the longer name first
    const std::string name = "$" + variable->first;
    for (std::size_t at = filled.find(name); at != std::string::npos; at = filled.find(name, at)) {
      filled.replace(at, name.size(), variable->second);
      at += variable->second.size();
    }
  }
  return filled;
}

}  // namespace spillway::lab
