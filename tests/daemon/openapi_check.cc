#include "tests/daemon/openapi_check.h"

#include <algorithm>
#include <cctype>

#include "src/base/time_text.h"

namespace spillway::daemon {
namespace {

const std::set<std::string> kKeywords = {"type",    "enum",    "const",       "properties", "required",
                                         "items",   "format",  "description", "default",    "additionalProperties",
                                         "minimum", "maximum", "minLength",   "maxLength"};

std::string Text(const JsonValue& name) { return {name.GetString(), name.GetStringLength()}; }

bool IsType(const std::string& type, const JsonValue& value) {
  if (type == "object") return value.IsObject();
  if (type == "array") return value.IsArray();
  if (type == "string") return value.IsString();
  if (type == "boolean") return value.IsBool();
  if (type == "null") return value.IsNull();
  if (type == "integer") return value.IsInt64();
  return type == "number" && value.IsNumber();
}

bool FitsType(const JsonValue& type, const JsonValue& value) {
  if (type.IsString()) return IsType(Text(type), value);
  return std::any_of(type.Begin(), type.End(), [&](const JsonValue& one) { return IsType(Text(one), value); });
}

// A member, null included.
const JsonValue* Member(const JsonValue& object, const std::string& name) {
  const auto found = object.FindMember(name.c_str());
  return found == object.MemberEnd() ? nullptr : &found->value;
}

}  // namespace

OpenApiCheck::OpenApiCheck(JsonDocument document) : document_(std::move(document)) {
  for (const auto& path : Find(document_, "paths")->GetObject()) {
    for (const char* method : {"get", "post", "delete"}) {
      const JsonValue* operation = Find(path.value, method);
      if (operation == nullptr) continue;
      std::string upper = method;
      for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
      router_.Add(upper, Text(path.name), static_cast<int>(operations_.size()));
      operations_.push_back({upper + " " + Text(path.name), Find(*operation, "responses")});
    }
  }
}

const JsonValue& OpenApiCheck::Resolved(const JsonValue& value) const {
  const JsonValue* ref = value.IsObject() ? Member(value, "$ref") : nullptr;
  if (ref == nullptr) return value;
  std::string path = Text(*ref).substr(2);  // without "#/"
  std::replace(path.begin(), path.end(), '/', '.');
  return Resolved(*FindPath(document_, path));
}

void OpenApiCheck::FitObject(const JsonValue& schema, const JsonValue& value, const std::string& at,
                             std::vector<std::string>& wrong) {
  const JsonValue* properties = Find(schema, "properties");
  const JsonValue* additional = Find(schema, "additionalProperties");
  if (const JsonValue* required = Find(schema, "required")) {
    for (const JsonValue& name : required->GetArray()) {
      if (Member(value, Text(name)) == nullptr) wrong.push_back(at + "." + Text(name) + " is missing");
    }
  }
  for (const auto& member : value.GetObject()) {
    const std::string below = at + "." + Text(member.name);
    const JsonValue* property = properties == nullptr ? nullptr : Member(*properties, Text(member.name));
    if (property != nullptr) {
      fields_seen_.insert(property);
      Fit(*property, member.value, below, wrong);
    } else if (additional != nullptr && additional->IsObject()) {
      Fit(*additional, member.value, below, wrong);
    } else if (additional != nullptr && additional->IsFalse()) {
      wrong.push_back(below + " is not documented");
    }
  }
}

void OpenApiCheck::Fit(const JsonValue& given, const JsonValue& value, const std::string& at,
                       std::vector<std::string>& wrong) {
  const JsonValue& schema = Resolved(given);
  for (const auto& keyword : schema.GetObject()) {
    if (!kKeywords.contains(Text(keyword.name))) wrong.push_back(at + ": the keyword " + Text(keyword.name));
  }
  const JsonValue* type = Find(schema, "type");
  if (type != nullptr && !FitsType(*type, value)) {
    wrong.push_back(at + " is " + JsonText(value) + ", not of type " + JsonText(*type));
    return;
  }
  if (const JsonValue* constant = Find(schema, "const"); constant != nullptr && *constant != value) {
    wrong.push_back(at + " is " + JsonText(value));
  }
  if (const JsonValue* words = Find(schema, "enum")) {
    if (std::find(words->Begin(), words->End(), value) == words->End()) wrong.push_back(at + " is " + JsonText(value));
  }
  if (Find(schema, "format") != nullptr && !ParseRfc3339(Text(value))) wrong.push_back(at + " is no time");
  if (value.IsObject()) FitObject(schema, value, at, wrong);
  const JsonValue* items = Find(schema, "items");
  for (rapidjson::SizeType i = 0; items != nullptr && value.IsArray() && i < value.Size(); ++i) {
    Fit(*items, value[i], at + "[" + std::to_string(i) + "]", wrong);
  }
}

std::vector<std::string> OpenApiCheck::Value(const std::string& schema, const JsonValue& value) {
  std::vector<std::string> wrong;
  Fit(*FindPath(document_, "components.schemas." + schema), value, schema, wrong);
  return wrong;
}

std::vector<std::string> OpenApiCheck::Exchange(const HttpRequest& request, const HttpResponse& response) {
  const Router::Outcome found = router_.Find(request.method, request.target);
  if (found.status != 200) return {request.method + " " + request.target + " is not documented"};
  const Operation& operation = operations_.at(static_cast<std::size_t>(found.id));
  const std::string status = std::to_string(response.status);
  const std::string at = operation.name + " " + status;
  const JsonValue* documented = Find(*operation.responses, status);
  if (documented == nullptr) return {at + " is not documented: " + response.body};
  statuses_seen_.insert(at);
  const JsonValue& answer = Resolved(*documented);
  std::vector<std::string> wrong;
  if (const JsonValue* headers = Find(answer, "headers")) {
    for (const auto& header : headers->GetObject()) {
      if (!response.headers.Find(Text(header.name))) wrong.push_back(at + " lacks " + Text(header.name));
    }
  }
  std::string type = response.headers.Find("Content-Type").value_or("");
  type.resize(std::min(type.find(';'), type.size()));
  const JsonValue* content = Member(*Find(answer, "content"), type);
  if (content == nullptr) return {at + " has the undocumented type " + type};
  if (type.find("json") == std::string::npos) return wrong;
  const auto body = ParseJson(response.body);
  if (!body) return {at + ": " + body.error().what};
  Fit(*Find(*content, "schema"), *body, at, wrong);
  return wrong;
}

void OpenApiCheck::Fields(const JsonValue& given, const std::string& at, std::set<const JsonValue*>& done,
                          std::vector<std::string>& unseen) const {
  const JsonValue& schema = Resolved(given);
  if (!done.insert(&schema).second) return;
  if (const JsonValue* items = Find(schema, "items")) Fields(*items, at + "[]", done, unseen);
  const JsonValue* properties = Find(schema, "properties");
  if (properties == nullptr) return;
  for (const auto& property : properties->GetObject()) {
    const std::string below = at + "." + Text(property.name);
    if (!fields_seen_.contains(&property.value)) unseen.push_back(below);
    Fields(property.value, below, done, unseen);
  }
}

std::vector<std::string> OpenApiCheck::Unseen(const std::string& calls) const {
  std::vector<std::string> unseen;
  std::set<const JsonValue*> done;
  for (const Operation& operation : operations_) {
    if (operation.name.rfind(calls, 0) != 0) continue;
    for (const auto& response : operation.responses->GetObject()) {
      const std::string at = operation.name + " " + Text(response.name);
      if (!statuses_seen_.contains(at)) unseen.push_back(at);
      for (const auto& content : Find(Resolved(response.value), "content")->GetObject()) {
        Fields(*Find(content.value, "schema"), at, done, unseen);
      }
    }
  }
  return unseen;
}

}  // namespace spillway::daemon
