// Runtime: how services, members and sites fare, in the API's shapes.
// Source: alb-sdk swagger 30.2.1, GslbServiceInventory and GslbInventory.
#ifndef SPILLWAY_TOOLS_LAB_AVI_INVENTORY_H_
#define SPILLWAY_TOOLS_LAB_AVI_INVENTORY_H_

#include "tools/lab/avi/exchange.h"
#include "tools/lab/avi/pen.h"

namespace spillway::lab::avi {

// GslbServiceRuntime, GslbRuntime
JsonValue ServiceRuntime(const Exchange& exchange, const Object& service, Pen& pen);
JsonValue GslbRuntime(const Exchange& exchange, const Object& gslb, Pen& pen);
// OperationalStatus
JsonValue StatusJson(const Status& status, Pen& pen);

// /api/gslbservice-inventory[/UUID] and /api/gslbservice/UUID/runtime
HttpResponse GetServiceInventory(const Exchange& exchange);
HttpResponse GetServiceRuntime(const Exchange& exchange);
// /api/gslb-inventory[/UUID] and /api/gslb/UUID/runtime
HttpResponse GetGslbInventory(const Exchange& exchange);
HttpResponse GetGslbRuntime(const Exchange& exchange);

}  // namespace spillway::lab::avi

#endif  // SPILLWAY_TOOLS_LAB_AVI_INVENTORY_H_
