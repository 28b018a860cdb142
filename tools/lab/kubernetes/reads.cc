#include "tools/lab/kubernetes/reads.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "tools/lab/kubernetes/rules.h"

namespace spillway::lab::kube {
namespace {

std::optional<std::int64_t> Number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

// Where the next page starts: after `last`, in the collection as it was at `version` (-1: as it is).
struct Token {
  std::int64_t version = 0;
  Key last;
};

// Opaque to clients; safe in a query.
std::string TokenText(const Token& token) {
  return std::to_string(token.version) + "." + PercentEncode(token.last.in_namespace) + "~" +
         PercentEncode(token.last.name);
}

std::optional<Token> ReadToken(std::string_view text) {
  const std::size_t dot = text.find('.');
  const std::size_t tilde = text.find('~');
  if (dot == std::string_view::npos || tilde == std::string_view::npos || tilde < dot) return std::nullopt;
  const std::string_view version = text.substr(0, dot);
  const std::optional<std::int64_t> number = version == "-1" ? std::optional<std::int64_t>(-1) : Number(version);
  const auto in_namespace = PercentDecode(text.substr(dot + 1, tilde - dot - 1), false);
  const auto name = PercentDecode(text.substr(tilde + 1), false);
  if (!number || !in_namespace || !name) return std::nullopt;
  return Token{*number, {*in_namespace, *name}};
}

struct Selection {
  Selector labels, fields;
};

// Source: Kubernetes registry strategies: custom resources select by name and namespace only, Events by what they are
// about, Pods by a few fields of theirs.
bool Selectable(const Kind& kind, const std::string& path) {
  if (path == "metadata.name" || path == "metadata.namespace") return true;
  if (kind.kind == "Pod") return path == "status.phase" || path == "spec.nodeName";
  if (kind.kind != "Event") return false;
  return path.starts_with("involvedObject.") || path.starts_with("regarding.") || path == "reason" || path == "type" ||
         path == "reportingComponent" || path == "source";
}

Tried<Selection> ReadSelection(const Kind& kind, const Request& request) {
  Result<Selector> labels = Selector::Labels(request.Query("labelSelector"));
  if (!labels) return BadRequest(labels.error().what);
  Result<Selector> fields = Selector::Fields(request.Query("fieldSelector"));
  if (!fields) return BadRequest(fields.error().what);
  for (const std::string& path : fields->Paths()) {
    if (!Selectable(kind, path)) return BadRequest("field label not supported: " + path);
  }
  fields->RenamePrefix("involvedObject.", "regarding.");  // objects are selected in their stored form
  fields->RenamePrefix("reportingComponent", "reportingController");
  return Selection{*labels, *fields};
}

std::string TooOld(std::int64_t asked, std::int64_t oldest) {
  return "too old resource version: " + std::to_string(asked) + " (" + std::to_string(oldest) + ")";
}

}  // namespace

Reply Reads::Get(const Kind& kind, const Key& key, const TableRequest& table) const {
  const ObjectPtr object = store_.Get(kind.stored_as, key);
  if (object == nullptr) return NotFound(kind, key.name);
  Tree view = ToView(kind, *object);
  if (!table.wanted) return {200, std::move(view), {}};
  Tree metadata(Tree::Object{{"resourceVersion", view.At("metadata.resourceVersion")}});
  return {200, TableOf(kind, {view}, table, std::move(metadata)), {}};
}

Reply Reads::List(const Kind& kind, const Request& request, const TableRequest& table) const {
  const Tried<Selection> selection = ReadSelection(kind, request);
  if (!selection) return selection.refusal();
  const std::int64_t limit = Number(request.Query("limit")).value_or(0);
  const std::string asked = request.Query("resourceVersion");
  const std::optional<std::int64_t> asked_version = asked.empty() ? 0 : Number(asked);
  if (!asked_version) {
    return Invalid(kind, "", {InvalidValue("resourceVersion", asked, "strconv.ParseUint: parsing: invalid syntax")});
  }
  if (*asked_version > store_.version()) return TooLargeVersion(asked, std::to_string(store_.version()));

  Token from{request.Query("resourceVersionMatch") == "Exact" ? *asked_version : store_.version(), {}};
  const std::string text = request.Query("continue");
  if (!text.empty()) {
    const std::optional<Token> token = ReadToken(text);
    if (!token) return BadRequest("continue key is not valid: malformed token");
    from = *token;
    if (from.version < 0) from.version = store_.version();
  }
  const auto objects = store_.ListAt(kind.stored_as, request.key.in_namespace, from.version);
  if (!objects) {
    if (text.empty()) return Expired(TooOld(from.version, store_.Oldest(kind.stored_as)));
    return Expired(
        "The provided continue parameter is too old to display a consistent list result. You can start a new "
        "list without the continue parameter, or use the continue token in this response to retrieve the "
        "remainder of the results.",
        TokenText({-1, from.last}));
  }

  Tree metadata(Tree::Object{{"resourceVersion", std::to_string(from.version)}});
  std::vector<Tree> items;
  Key last;
  for (const ObjectPtr& object : *objects) {
    const Key key = KeyOf(*object);
    if (!text.empty() && key <= from.last) continue;
    if (!selection->labels.Fits(*object) || !selection->fields.Fits(*object)) continue;
    if (limit > 0 && static_cast<std::int64_t>(items.size()) == limit) {
      metadata["continue"] = TokenText({from.version, last});
      break;
    }
    last = key;
    items.push_back(ToView(kind, *object));
  }
  if (table.wanted) return {200, TableOf(kind, items, table, std::move(metadata)), {}};
  Tree::Array list;
  for (Tree& item : items) {
    if (!kind.custom) {  // lists of built-in kinds leave out what the list's own kind says
      item.Erase("kind");
      item.Erase("apiVersion");
    }
    list.push_back(std::move(item));
  }
  return {200,
          Tree::Object{{"kind", kind.kind + "List"},
                       {"apiVersion", kind.ApiVersion()},
                       {"metadata", std::move(metadata)},
                       {"items", std::move(list)}},
          {}};
}

Opened Reads::Watch(const Kind& kind, const Request& request, const TableRequest& table, Instant now) {
  const Tried<Selection> selection = ReadSelection(kind, request);
  if (!selection) return {nullptr, selection.refusal()};
  const std::string asked = request.Query("resourceVersion");
  const std::optional<std::int64_t> version = asked.empty() ? 0 : Number(asked);
  if (!version) {
    const std::string why = "strconv.ParseUint: parsing \"" + asked + "\": invalid syntax";
    return {nullptr, Invalid(kind, "", {InvalidValue("resourceVersion", asked, why)})};
  }
  const bool send_initial = request.QueryIsTrue("sendInitialEvents");
  if (send_initial && request.Query("resourceVersionMatch") != "NotOlderThan") {
    const Cause cause{"FieldValueForbidden",
                      "Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan",
                      "resourceVersionMatch"};
    return {nullptr, Invalid(kind, "", {cause})};
  }
  if (*version > store_.version()) {
    return {nullptr, TooLargeVersion(asked, std::to_string(store_.version()))};
  }

  WatchRequest watch;
  watch.table = kind.stored_as;
  watch.in_namespace = request.key.in_namespace;
  watch.labels = selection->labels;
  watch.fields = selection->fields;
  watch.bookmarks = request.QueryIsTrue("allowWatchBookmarks");
  watch.kind = kind.kind;
  watch.api_version = kind.ApiVersion();
  const std::int64_t timeout = Number(request.Query("timeoutSeconds")).value_or(0);
  watch.deadline = now + (timeout > 0 ? Duration(std::chrono::seconds(timeout)) : options_.watch_timeout);
  watch.show = [&kind, table, first = true](const Tree& object) mutable {
    Tree view = ToView(kind, object);
    if (!table.wanted) return view;
    Tree metadata(Tree::Object{{"resourceVersion", view.At("metadata.resourceVersion")}});
    return TableOf(kind, {view}, table, std::move(metadata), std::exchange(first, false));
  };

  const bool initial = send_initial || (*version == 0 && request.Query("sendInitialEvents") != "false");
  std::string lines;
  if (initial || *version == 0) {
    lines = FirstLines(watch, initial, send_initial && watch.bookmarks);
  } else if (const auto changes = store_.Since(kind.stored_as, *version)) {
    for (const Change& change : *changes) lines += Watches::LineFor(watch, change);
  } else {
    const Reply expired = Expired(TooOld(*version, store_.Oldest(kind.stored_as)));
    return {Watches::Ended(WatchLine("ERROR", expired.body)), {}};
  }
  return {watches_.Open(std::move(watch), std::move(lines), now), {}};
}

std::string Reads::FirstLines(const WatchRequest& watch, bool initial, bool mark) const {
  std::string lines;
  for (const ObjectPtr& object : initial ? store_.List(watch.table, watch.in_namespace) : std::vector<ObjectPtr>{}) {
    if (watch.labels.Fits(*object) && watch.fields.Fits(*object)) lines += WatchLine("ADDED", watch.show(*object));
  }
  if (!mark) return lines;
  const Tree metadata(Tree::Object{{"resourceVersion", std::to_string(store_.version())},
                                   {"annotations", Tree::Object{{"k8s.io/initial-events-end", "true"}}}});
  return lines +
         WatchLine("BOOKMARK",
                   Tree::Object{{"kind", watch.kind}, {"apiVersion", watch.api_version}, {"metadata", metadata}});
}

}  // namespace spillway::lab::kube
