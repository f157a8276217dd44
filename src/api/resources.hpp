// The resources of the API, by what they are about. Each function adds its routes; what the routes answer is
// in openapi.yaml. Handlers run on the core and look at the gateway directly.
#pragma once

#include "api/routes.hpp"
#include "api/surroundings.hpp"

namespace iw::api {

class Commissioning;
class Jobs;
class Tools;

void add_site(Routes& routes, Surroundings on);      // site, assets, points, values
void add_devices(Routes& routes, Surroundings on);   // devices, lines
void add_requests(Routes& routes, Surroundings on);  // the last ones on a line, raw words of points
void add_device_editing(Routes& routes, Surroundings on, Gatekeeper& gate);
void add_commissioning(Routes& routes, Commissioning& at, Gatekeeper& gate);
void add_tools(Routes& routes, Tools& tools, Jobs& jobs, Gatekeeper& gate);
void add_config(Routes& routes, Surroundings on, Gatekeeper& gate);
void add_events(Routes& routes, Surroundings on, Gatekeeper& gate);
void add_control(Routes& routes, Surroundings on, Gatekeeper& gate);
void add_dry_run(Routes& routes, Surroundings on);  // what a controller would have done
void add_audit(Routes& routes, Surroundings on);    // who did what
void add_history(Routes& routes, Surroundings on);
void add_live(Routes& routes, Surroundings on);     // the streams of what is new
void add_access(Routes& routes, Gatekeeper& gate);  // the first password, sessions, users, tokens
void add_certificates(Routes& routes, Surroundings on, Gatekeeper& gate);
void add_system(Routes& routes, Surroundings on);  // health, the description of the API

}  // namespace iw::api
