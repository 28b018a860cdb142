// The generic object API: /api/TYPE and /api/TYPE/UUID.
#ifndef SPILLWAY_TOOLS_LAB_AVI_OBJECTS_H_
#define SPILLWAY_TOOLS_LAB_AVI_OBJECTS_H_

#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "tools/lab/avi/exchange.h"

namespace spillway::lab::avi {

// --- reading ---
// An object as the exchange's version, query and host make it look. `named`: references and url carry "#Name".
JsonDocument Render(const Exchange& exchange, const Object& object, bool named);
// Whether the exchange's tenant sees it.
bool Visible(const Exchange& exchange, const Object& object);
// The object named by the path, if the tenant sees it.
ObjectPtr Named(const Exchange& exchange, const Type& type);
// {"count", "results", "next"} of those that pass the query's filters, each written by `write`.
using Writer = std::function<JsonDocument(const Exchange&, const ObjectPtr&)>;
HttpResponse ListAnswer(const Exchange& exchange, const std::vector<ObjectPtr>& objects, const Writer& write);
// An inventory of `type`: the list, or the one object that the path names. 404 below API version 22.1.1.
HttpResponse InventoryAnswer(const Exchange& exchange, const Type& type, const Writer& write);
HttpResponse GetObjects(const Exchange& exchange, const Type& type);
HttpResponse GetObject(const Exchange& exchange, const Type& type);

// --- references ---
// Turns every reference of a body from the caller into "/api/TYPE/UUID"; answers what could not be resolved.
std::optional<std::string> ResolveRefs(const Exchange& exchange, JsonValue& value,
                                       JsonDocument::AllocatorType& allocator);
// The reverse: absolute, with "#Name" if `named`.
void SpellRefs(const Exchange& exchange, JsonValue& value, bool named, JsonDocument::AllocatorType& allocator);

// --- writing ---
HttpResponse PostObject(Exchange& exchange, const Type& type);
HttpResponse PutObject(Exchange& exchange, const Type& type);
HttpResponse PatchObject(Exchange& exchange, const Type& type);
HttpResponse DeleteObject(Exchange& exchange, const Type& type);

// A body from the caller as an object ready to be stored, or why it can't be. `old`: what it replaces.
using Prepared = std::variant<ObjectPtr, HttpResponse>;
Prepared Prepare(Exchange& exchange, const Type& type, JsonDocument body, const ObjectPtr& old,
                 const std::string& uuid = "");

// Applies {"add"|"replace"|"delete": {...}} or {"json_patch": [...]} to `body`; answers what is wrong with it.
std::optional<std::string> ApplyPatch(const Message& message, const JsonValue& patch, JsonDocument& body);

// --- rules beyond the tables (rules.cc) ---
// Whether this controller takes writes of such an object now; the error's text otherwise.
std::optional<std::string> Unwritable(const SiteState& site, const Type& type, bool federated);
// Domain names, monitors, members: what a whole object has to satisfy.
std::optional<std::string> BreaksRule(const SiteState& site, const Object& candidate);

}  // namespace spillway::lab::avi

#endif  // SPILLWAY_TOOLS_LAB_AVI_OBJECTS_H_
