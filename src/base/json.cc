#include "src/base/json.h"

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace spillway {
namespace {

// The keys of the objects that are open, to find one that comes twice. Most objects have a handful, and those are
// compared with each other; a hostile one has thousands, and gets an index.
class OpenKeys {
 public:
  void Open() { levels_.push_back({keys_.size(), text_.size(), {}}); }
  void Close() {
    keys_.resize(levels_.back().first_key);
    text_.resize(levels_.back().text_size);
    levels_.pop_back();
  }
  std::size_t depth() const { return levels_.size(); }

  // False: it was there already.
  bool Add(std::string_view key) {
    Level& level = levels_.back();
    if (keys_.size() - level.first_key >= kFew) return AddToIndex(level, key);
    for (std::size_t i = level.first_key; i < keys_.size(); ++i) {
      if (std::string_view(text_).substr(keys_[i].begin, keys_[i].size) == key) return false;
    }
    keys_.push_back({text_.size(), key.size()});
    text_ += key;
    return true;
  }

 private:
  static constexpr std::size_t kFew = 24;
  struct Place {
    std::size_t begin, size;
  };
  struct Level {
    std::size_t first_key, text_size;
    std::set<std::string, std::less<>> index;  // empty while there are few
  };

  bool AddToIndex(Level& level, std::string_view key) {
    if (level.index.empty()) {
      for (std::size_t i = level.first_key; i < keys_.size(); ++i) {
        level.index.emplace(text_.substr(keys_[i].begin, keys_[i].size));
      }
    }
    return level.index.emplace(key).second;
  }

  std::vector<Level> levels_;
  std::vector<Place> keys_;  // of all levels, innermost last
  std::string text_;
};

// Forwards to a Document while it counts depth and watches for repeated keys; false ends the parse.
class Guard {
 public:
  explicit Guard(JsonDocument& out) : out_(out) {}

  bool Null() { return out_.Null(); }
  bool Bool(bool b) { return out_.Bool(b); }
  // Not called: numbers come as texts.
  bool Int(int i) { return out_.Int(i); }
  bool Uint(unsigned u) { return out_.Uint(u); }
  bool Int64(std::int64_t i) { return out_.Int64(i); }
  bool Uint64(std::uint64_t u) { return out_.Uint64(u); }
  bool Double(double d) { return out_.Double(d); }
  bool RawNumber(const char* s, rapidjson::SizeType n, bool) {
    const char* const end = s + n;
    std::int64_t whole = 0;
    if (IsWhole(std::from_chars(s, end, whole), end)) return out_.Int64(whole);
    std::uint64_t great = 0;
    if (IsWhole(std::from_chars(s, end, great), end)) return out_.Uint64(great);
    double value = 0;
    // Out of its range is what is too small as well, which is zero.
    if (std::from_chars(s, end, value).ec == std::errc::result_out_of_range) {
      value = std::strtod(std::string(s, n).c_str(), nullptr);
    }
    return std::isfinite(value) ? out_.Double(value) : Refuse("a number too big for a double");
  }
  bool String(const char* s, rapidjson::SizeType n, bool) {
    return HasSurrogate({s, n}) ? Refuse(kSurrogate) : out_.String(s, n, true);
  }
  bool Key(const char* s, rapidjson::SizeType n, bool) {
    if (HasSurrogate({s, n})) return Refuse(kSurrogate);
    if (!keys_.Add({s, n})) return Refuse("repeated key \"" + std::string(s, n) + "\"");
    return out_.Key(s, n, true);
  }
  bool StartObject() { return Enter() && out_.StartObject(); }
  bool EndObject(rapidjson::SizeType n) {
    keys_.Close();
    return out_.EndObject(n);
  }
  bool StartArray() { return Enter() && out_.StartArray(); }
  bool EndArray(rapidjson::SizeType n) {
    keys_.Close();
    return out_.EndArray(n);
  }

  const std::string& why() const { return why_; }

 private:
  static bool IsWhole(const std::from_chars_result& read, const char* end) {
    return read.ec == std::errc() && read.ptr == end;
  }
  // RapidJSON 1.1 takes the escape of a low surrogate by itself and makes three bytes of it that are not UTF-8.
  static bool HasSurrogate(std::string_view text) {
    for (auto at = text.find('\xed'); at != text.npos; at = text.find('\xed', at + 1)) {
      if (at + 1 < text.size() && static_cast<unsigned char>(text[at + 1]) >= 0xa0) return true;
    }
    return false;
  }
  bool Enter() {
    if (keys_.depth() >= static_cast<std::size_t>(kJsonDepthCap)) return Refuse("nested too deeply");
    keys_.Open();
    return true;
  }
  bool Refuse(std::string why) {
    why_ = std::move(why);
    return false;
  }

  static constexpr const char* kSurrogate = "half of a surrogate pair";

  JsonDocument& out_;
  OpenKeys keys_;
  std::string why_;
};

}  // namespace

Result<JsonDocument> ParseJson(std::string_view text) {
  // Numbers as texts: what is read and written back unchanged must not move in its last digits, and RapidJSON 1.1's own
  // way of reading them so counts the leading zeros of 0 for "0e81" (diyfp.h, Normalize), which is undefined.
  constexpr unsigned kFlags =
      rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag | rapidjson::kParseNumbersAsStringsFlag;
  JsonDocument document;
  rapidjson::Reader reader;
  rapidjson::MemoryStream stream(text.data(), text.size());
  std::string why;
  auto generate = [&](JsonDocument& out) {
    Guard guard(out);
    reader.Parse<kFlags>(stream, guard);
    why = guard.why();
    return !reader.HasParseError();
  };
  document.Populate(generate);
  if (reader.HasParseError()) {
    if (why.empty()) why = rapidjson::GetParseError_En(reader.GetParseErrorCode());
    return Error{Code::kRejected, "not JSON at byte " + std::to_string(reader.GetErrorOffset()) + ": " + why};
  }
  // A NUL looks like the end to RapidJSON; what follows it must not pass unseen.
  if (stream.Tell() != text.size()) {
    return Error{Code::kRejected, "not JSON at byte " + std::to_string(stream.Tell()) + ": a NUL"};
  }
  return document;
}

std::string JsonText(const JsonValue& value) {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
  value.Accept(writer);
  return {buffer.GetString(), buffer.GetSize()};
}

const JsonValue* Find(const JsonValue& value, std::string_view name) {
  if (!value.IsObject()) return nullptr;
  const JsonValue key(rapidjson::StringRef(name.data(), static_cast<rapidjson::SizeType>(name.size())));
  const auto member = value.FindMember(key);
  if (!(member != value.MemberEnd()) || member->value.IsNull()) return nullptr;
  return &member->value;
}

JsonValue* Find(JsonValue& value, std::string_view name) {
  return const_cast<JsonValue*>(Find(std::as_const(value), name));  // NOLINT: one search for both
}

const JsonValue* FindPath(const JsonValue& value, std::string_view dotted) {
  const JsonValue* at = &value;
  while (at != nullptr && !dotted.empty()) {
    const std::size_t end = std::min(dotted.find('.'), dotted.size());
    at = Find(*at, dotted.substr(0, end));
    dotted.remove_prefix(std::min(end + 1, dotted.size()));
  }
  return at;
}

std::optional<std::string> StringAt(const JsonValue& value, std::string_view dotted) {
  const JsonValue* at = FindPath(value, dotted);
  if (at == nullptr || !at->IsString()) return std::nullopt;
  return std::string(at->GetString(), at->GetStringLength());
}

std::optional<std::int64_t> IntAt(const JsonValue& value, std::string_view dotted) {
  const JsonValue* at = FindPath(value, dotted);
  if (at == nullptr || !at->IsInt64()) return std::nullopt;
  return at->GetInt64();
}

JsonValue::ConstArray ListAt(const JsonValue& value, std::string_view dotted) {
  static const JsonValue kEmpty(rapidjson::kArrayType);
  const JsonValue* at = FindPath(value, dotted);
  return at != nullptr && at->IsArray() ? at->GetArray() : kEmpty.GetArray();
}

std::optional<double> NumberAt(const JsonValue& value, std::string_view dotted) {
  const JsonValue* at = FindPath(value, dotted);
  if (at == nullptr || !at->IsNumber()) return std::nullopt;
  return at->GetDouble();
}

std::optional<bool> BoolAt(const JsonValue& value, std::string_view dotted) {
  const JsonValue* at = FindPath(value, dotted);
  if (at == nullptr || !at->IsBool()) return std::nullopt;
  return at->GetBool();
}

void SetMember(JsonValue& object, std::string_view name, JsonValue value, JsonDocument::AllocatorType& allocator) {
  JsonValue key(name.data(), static_cast<rapidjson::SizeType>(name.size()), allocator);
  const auto member = object.FindMember(key);
  if (member != object.MemberEnd()) {
    member->value = value;
  } else {
    object.AddMember(key, value, allocator);
  }
}

void SetMember(JsonValue& object, std::string_view name, std::string_view text,
               JsonDocument::AllocatorType& allocator) {
  SetMember(object, name, JsonValue(text.data(), static_cast<rapidjson::SizeType>(text.size()), allocator), allocator);
}

}  // namespace spillway
