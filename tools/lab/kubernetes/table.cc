#include "tools/lab/kubernetes/table.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "src/base/join.h"
#include "src/base/time_text.h"

namespace spillway::lab::kube {
namespace {

struct Column {
  std::string name;
  std::string type;  // string integer boolean
  std::function<Tree(const Tree& object, WallTime wall)> cell;
  int priority = 0;  // 1: only with -o wide
};

Column At(std::string name, std::string type, std::string path, int priority = 0) {
  return {std::move(name), std::move(type), [path](const Tree& object, WallTime) { return object.At(path); }, priority};
}

Tree Since(const Tree& time, WallTime wall) {
  const std::optional<WallTime> then = ParseRfc3339(time.String());
  return then ? Tree(AgeText(wall - *then)) : Tree("<unknown>");
}

Column Name() {
  Column column = At("Name", "string", "metadata.name");
  return column;
}

Column Age() {
  return {"Age", "string",
          [](const Tree& object, WallTime wall) { return Since(object.At("metadata.creationTimestamp"), wall); }};
}

// Deployment integers are omitted when 0, and shown as 0.
Column Count(std::string name, std::string path) {
  return {std::move(name), "integer", [path](const Tree& object, WallTime) { return Tree(object.At(path).Int()); }};
}

std::string Listed(const Tree& items, std::string_view field) {
  std::string text;
  for (const Tree& item : items.Items()) Join(text, item.At(field).String(), ",");
  return text.empty() ? "<none>" : text;
}

// What of -o wide Deployments and ReplicaSets have in common.
std::vector<Column> WithTemplate(std::vector<Column> columns) {
  columns.push_back(
      {"Containers", "string",
       [](const Tree& o, WallTime) { return Tree(Listed(o.At("spec.template.spec.containers"), "name")); }, 1});
  columns.push_back(
      {"Images", "string",
       [](const Tree& o, WallTime) { return Tree(Listed(o.At("spec.template.spec.containers"), "image")); }, 1});
  columns.push_back({"Selector", "string",
                     [](const Tree& o, WallTime) {
                       std::string text;
                       for (const auto& [name, value] : o.At("spec.selector.matchLabels").Members()) {
                         Join(text, name + "=" + value.String(), ",");
                       }
                       return Tree(text);
                     },
                     1});
  return columns;
}

std::vector<Column> DeploymentColumns() {
  return WithTemplate({Name(),
                       {"Ready", "string",
                        [](const Tree& o, WallTime) {
                          return Tree(std::to_string(o.At("status.readyReplicas").Int()) + "/" +
                                      std::to_string(o.At("spec.replicas").Int()));
                        }},
                       Count("Up-to-date", "status.updatedReplicas"),
                       Count("Available", "status.availableReplicas"),
                       Age()});
}

std::vector<Column> ReplicaSetColumns() {
  return WithTemplate({Name(), Count("Desired", "spec.replicas"), Count("Current", "status.replicas"),
                       Count("Ready", "status.readyReplicas"), Age()});
}

// Source: additionalPrinterColumns of the Definition's CRD; there is no age.
std::vector<Column> DefinitionColumns() {
  return {Name(),
          At("Enabled", "boolean", "spec.scaleRule.enabled"),
          At("Mode", "string", "spec.scaleRule.mode"),
          At("Trigger", "string", "spec.scaleRule.trigger.metric.name"),
          At("Min", "integer", "spec.scaleRule.instances.min"),
          At("Max", "integer", "spec.scaleRule.instances.max"),
          At("Current", "integer", "status.currentReplicas"),
          At("Desired", "integer", "status.desiredReplicas"),
          At("Ready", "boolean", "status.autoscalingReady")};
}

std::vector<Column> PodColumns() {
  return {Name(),
          {"Ready", "string",
           [](const Tree& o, WallTime) {
             const Tree::Array& all = o.At("status.containerStatuses").Items();
             const auto ready =
                 std::count_if(all.begin(), all.end(), [](const Tree& c) { return c.At("ready").Bool(); });
             const std::size_t total = std::max<std::size_t>(o.At("spec.containers").Items().size(), 1);
             return Tree(std::to_string(ready) + "/" + std::to_string(total));
           }},
          {"Status", "string",
           [](const Tree& o, WallTime) {
             return o.At("metadata.deletionTimestamp").IsNull() ? o.At("status.phase") : Tree("Terminating");
           }},
          {"Restarts", "string", [](const Tree&, WallTime) { return Tree("0"); }},
          Age(),
          At("IP", "string", "status.podIP", 1),
          At("Node", "string", "spec.nodeName", 1)};
}

// "cpu: 5%/50%", "cpu: 20m/50m", "4250m/5 (avg)", "17/30". `current`: the entry of status that belongs to `metric`.
// Source: Kubernetes pkg/printers/internalversion, formatHPAMetrics.
std::string MetricText(const Tree& metric, const Tree& current) {
  const std::string& type = metric.At("type").String();
  const std::string member = type == "Resource"            ? "resource"
                             : type == "ContainerResource" ? "containerResource"
                                                           : "external";
  const bool resource = member != "external";
  const Tree& wanted = metric.At(member + ".target");
  const Tree& has = current.At(member + ".current");
  const auto either = [](const Tree& value) {
    return value.IsString() ? value.String() : value.IsInt() ? std::to_string(value.Int()) : "<unknown>";
  };
  const std::string name = resource ? metric.At(member + ".name").String() + ": " : "";
  if (wanted.Find("averageUtilization") != nullptr) {
    const Tree& percent = has.At("averageUtilization");
    return name + either(percent) + (percent.IsInt() ? "%" : "") + "/" + either(wanted.At("averageUtilization")) + "%";
  }
  const char* which = wanted.Find("averageValue") != nullptr ? "averageValue" : "value";
  const bool average = !resource && wanted.Find("averageValue") != nullptr;
  return name + either(has.At(which)) + "/" + either(wanted.At(which)) + (average ? " (avg)" : "");
}

std::vector<Column> AutoscalerColumns() {
  return {Name(),
          {"Reference", "string",
           [](const Tree& o, WallTime) {
             return Tree(o.At("spec.scaleTargetRef.kind").String() + "/" + o.At("spec.scaleTargetRef.name").String());
           }},
          {"Targets", "string",
           [](const Tree& o, WallTime) {
             std::string text;
             const Tree::Array& current = o.At("status.currentMetrics").Items();
             const Tree::Array& metrics = o.At("spec.metrics").Items();
             for (std::size_t i = 0; i < metrics.size(); ++i) {
               Join(text, MetricText(metrics[i], i < current.size() ? current[i] : Tree()), ", ");
             }
             return Tree(text.empty() ? "<none>" : text);
           }},
          At("MinPods", "string", "spec.minReplicas"),
          At("MaxPods", "string", "spec.maxReplicas"),
          Count("Replicas", "status.currentReplicas"),
          Age()};
}

std::vector<Column> EventColumns() {
  return {
      {"Last Seen", "string",
       [](const Tree& o, WallTime wall) {
         for (const char* path : {"series.lastObservedTime", "lastTimestamp", "deprecatedLastTimestamp", "eventTime"}) {
           if (!o.At(path).IsNull()) return Since(o.At(path), wall);
         }
         return Since(o.At("metadata.creationTimestamp"), wall);
       }},
      At("Type", "string", "type"),
      At("Reason", "string", "reason"),
      {"Object", "string",
       [](const Tree& o, WallTime) {
         const Tree& about = o.Find("regarding") != nullptr ? o.At("regarding") : o.At("involvedObject");
         std::string kind = about.At("kind").String();
         for (char& c : kind) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
         return Tree(kind + "/" + about.At("name").String());
       }},
      {"Message", "string",
       [](const Tree& o, WallTime) { return o.Find("note") != nullptr ? o.At("note") : o.At("message"); }}};
}

std::vector<Column> ServiceColumns() {
  return {Name(),
          At("Type", "string", "spec.type"),
          At("Cluster-IP", "string", "spec.clusterIP"),
          {"External-IP", "string", [](const Tree&, WallTime) { return Tree("<none>"); }},
          {"Port(s)", "string",
           [](const Tree& o, WallTime) {
             std::string text;
             for (const Tree& port : o.At("spec.ports").Items()) {
               Join(text, port.At("port").Text() + "/" + port.At("protocol").String(), ",");
             }
             return Tree(text.empty() ? "<none>" : text);
           }},
          Age()};
}

std::vector<Column> EndpointSliceColumns() {
  return {Name(),
          At("AddressType", "string", "addressType"),
          {"Ports", "string",
           [](const Tree& o, WallTime) {
             std::string text;
             for (const Tree& port : o.At("ports").Items()) Join(text, port.At("port").Text(), ",");
             return Tree(text.empty() ? "<unset>" : text);
           }},
          {"Endpoints", "string",
           [](const Tree& o, WallTime) {
             std::string text;
             const Tree::Array& all = o.At("endpoints").Items();
             for (std::size_t i = 0; i < std::min<std::size_t>(all.size(), 3); ++i) {
               for (const Tree& address : all[i].At("addresses").Items()) {
                 Join(text, address.String(), ",");
               }
             }
             if (all.size() > 3) text += " + " + std::to_string(all.size() - 3) + " more...";
             return Tree(text.empty() ? "<unset>" : text);
           }},
          Age()};
}

std::vector<Column> ColumnsOf(const Kind& kind) {
  if (kind.kind == "Deployment") return DeploymentColumns();
  if (kind.kind == "ReplicaSet") return ReplicaSetColumns();
  if (kind.kind == "Definition") return DefinitionColumns();
  if (kind.kind == "Pod") return PodColumns();
  if (kind.kind == "HorizontalPodAutoscaler") return AutoscalerColumns();
  if (kind.kind == "Event") return EventColumns();
  if (kind.kind == "Service") return ServiceColumns();
  if (kind.kind == "EndpointSlice") return EndpointSliceColumns();
  if (kind.kind == "Lease") return {Name(), At("Holder", "string", "spec.holderIdentity"), Age()};
  if (kind.kind == "Namespace") return {Name(), At("Status", "string", "status.phase"), Age()};
  if (kind.kind == "ConfigMap") {
    return {Name(),
            {"Data", "integer",
             [](const Tree& o, WallTime) { return Tree(static_cast<std::int64_t>(o.At("data").Members().size())); }},
            Age()};
  }
  return {Name(), Age()};
}

Tree Row(const std::vector<Column>& columns, const Tree& object, const TableRequest& request) {
  Tree::Array cells;
  for (const Column& column : columns) cells.push_back(column.cell(object, request.wall));
  Tree row(Tree::Object{{"cells", cells}});
  if (request.include == IncludeObject::kObject) row["object"] = object;
  if (request.include == IncludeObject::kMetadata) {
    row["object"] = Tree::Object{
        {"kind", "PartialObjectMetadata"}, {"apiVersion", "meta.k8s.io/v1"}, {"metadata", object.At("metadata")}};
  }
  return row;
}

}  // namespace

Tree TableOf(const Kind& kind, const std::vector<Tree>& objects, const TableRequest& request, Tree metadata,
             bool headers) {
  const std::vector<Column> columns = ColumnsOf(kind);
  Tree::Array definitions;
  for (const Column& column : columns) {
    definitions.emplace_back(Tree::Object{{"name", column.name},
                                          {"type", column.type},
                                          {"format", column.name == "Name" ? "name" : ""},
                                          {"description", ""},
                                          {"priority", column.priority}});
  }
  Tree::Array rows;
  for (const Tree& object : objects) rows.push_back(Row(columns, object, request));
  Tree table(Tree::Object{{"kind", "Table"},
                          {"apiVersion", "meta.k8s.io/v1"},
                          {"metadata", std::move(metadata)},
                          {"columnDefinitions", Tree()},
                          {"rows", rows}});
  if (headers) table["columnDefinitions"] = definitions;
  return table;
}

std::string AgeText(Duration age) {
  const std::int64_t seconds = age / 1s;
  const auto pair = [](std::int64_t large, const char* unit, std::int64_t small, const char* small_unit) {
    return std::to_string(large) + unit + (small == 0 ? "" : std::to_string(small) + small_unit);
  };
  if (seconds < -1) return "<invalid>";
  if (seconds < 0) return "0s";
  if (seconds < 120) return std::to_string(seconds) + "s";
  if (seconds < 600) return pair(seconds / 60, "m", seconds % 60, "s");
  if (seconds < 3 * 3600) return std::to_string(seconds / 60) + "m";
  if (seconds < 8 * 3600) return pair(seconds / 3600, "h", seconds / 60 % 60, "m");
  if (seconds < 48 * 3600) return std::to_string(seconds / 3600) + "h";
  if (seconds < 8 * 86400) return pair(seconds / 86400, "d", seconds / 3600 % 24, "h");
  return std::to_string(seconds / 86400) + "d";
}

}  // namespace spillway::lab::kube
