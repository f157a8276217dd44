#include "gateway/controller_desk.hpp"

#include <algorithm>

namespace iw::gateway {

using control::Mode;

namespace {

ControllerRunner::Claims claims_of(ControlDesk* control) {
  if (control == nullptr) return {};
  return {
      .claim =
          [control](const control::ClaimRequest& request) { return control->claim_for_controller(request); },
      .renew =
          [control](std::string_view path, control::ClaimId id, double value, Duration life,
                    std::string_view reason) {
            return control->renew_for_controller(path, id, value, life, reason);
          },
      .release = [control](control::ClaimId id) { control->release_for_controller(id); },
      .decide = [control] { control->decide(); }};
}

}  // namespace

ControllerDesk::ControllerDesk(Surroundings around)
    : core_(around.core),
      log_(around.log),
      control_(around.control),
      runner_({.core = around.core,
               .site = around.site,
               .live = around.live,
               .log = around.log,
               .claims = claims_of(around.control),
               .keep = std::move(around.keep)}) {
  runner_.restore(around.states);
  if (control_ == nullptr) return;
  if (auto modes = ControllerModes::read(control_->keeper().modes_text())) {
    modes_ = std::move(*modes);
  } else {
    log_.error("{}; {}", modes.error().message, modes.error().remedy);
  }
}

// Each mode that is not what it was is on record: at a start those of all that are not off.
void ControllerDesk::configure(std::span<const control::ControllerSection> sections, const TimeZone& zone) {
  const std::vector<SwitchedMode> forgotten = modes_.forget(sections);
  for (const SwitchedMode& one : forgotten)
    log_.info("controller {}: the configuration overrules that {} had switched it to {}", one.controller,
              one.by, to_string(one.mode));
  if (!forgotten.empty()) control_->keeper().keep({.modes = modes_.text()});
  std::map<std::string, Mode, std::less<>> now;
  for (const control::ControllerSection& section : sections) {
    const Mode mode = now[section.name] = modes_.of(section);
    const auto before = noted_.find(section.name);
    if (mode == (before != noted_.end() ? before->second : Mode::off)) continue;
    const SwitchedMode* switched = modes_.find(section.name);
    audit(section.name, switched != nullptr ? switched->by : "configuration", std::string(to_string(mode)),
          switched != nullptr ? "as it was switched before: " + switched->reason : "");
  }
  for (const auto& [name, mode] : noted_)
    if (!now.contains(name) && mode != Mode::off) audit(name, "configuration", "off", "it is gone");
  noted_ = std::move(now);
  runner_.configure(sections, zone,
                    [this](const control::ControllerSection& section) { return modes_.of(section); });
}

Result<void> ControllerDesk::may_switch(const ModeRequest& request, const View* view,
                                        ControlDesk::RoleRight role) const {
  if (view == nullptr) {
    return fail(ErrorKind::not_found, fmt::format("there is no controller '{}'", request.controller),
                "`interwatt control controllers` shows those of the configuration");
  }
  if (control_ == nullptr)
    return fail(ErrorKind::denied, "nothing can be controlled here", "the gateway keeps no records");
  for (const control::Output& output : view->declaration.outputs) {
    if (auto may = control_->may(request.by, view->level, output.path, role); !may) return may;
  }
  return {};
}

void ControllerDesk::set_mode(ModeRequest request, std::move_only_function<void(Result<void>)> done,
                              ControlDesk::RoleRight role) {
  const std::vector<View> all = view();
  const auto found = std::ranges::find(all, request.controller, &View::name);
  const View* view = found != all.end() ? &*found : nullptr;
  if (auto may = may_switch(request, view, role); !may) {
    audit(request.controller, request.by, "refused",
          fmt::format("{}: {}", to_string(request.mode), may.error().message));
    return done(fail(std::move(may).error()));
  }
  const SwitchedMode* switched = modes_.find(request.controller);
  const SwitchedMode before =
      switched != nullptr ? *switched : SwitchedMode{.controller = request.controller};
  ++switches_;
  modes_.put({.controller = request.controller,
              .configured = view->configured,
              .mode = request.mode,
              .by = request.by,
              .reason = request.reason,
              .at = core_.clock().wall_now()});
  ControlRecords records{.modes = modes_.text()};
  records.audit.push_back(entry(
      request.controller, request.by, std::string(to_string(request.mode)),
      fmt::format("was {}{}{}", to_string(view->mode), request.reason.empty() ? "" : ": ", request.reason)));
  control_->keeper().keep(std::move(records), [this, before, request = std::move(request),
                                               done = std::move(done)](const Result<void>& kept) mutable {
    if (!kept) {
      ++switches_;
      modes_.put(before);
      return done(fail(Error(kept.error()).in("not switched, because it can not be put on record")));
    }
    log_.info("controller {}: {} switched it to {}", request.controller, request.by, to_string(request.mode));
    noted_[request.controller] = request.mode;
    if (!runner_.set_mode(request.controller, request.mode)) {
      return done(fail(ErrorKind::not_found,
                       fmt::format("the controller '{}' is gone meanwhile", request.controller)));
    }
    done({});
  });
}

security::AuditEntry ControllerDesk::entry(std::string_view controller, std::string actor,
                                           std::string outcome, std::string detail) const {
  return {.time = core_.clock().wall_now(),
          .actor = std::move(actor),
          .action = "mode",
          .subject = fmt::format("controllers/{}", controller),
          .outcome = std::move(outcome),
          .detail = std::move(detail)};
}

void ControllerDesk::audit(std::string_view controller, std::string actor, std::string outcome,
                           std::string detail) {
  if (control_ == nullptr) return;
  control_->audit(entry(controller, std::move(actor), std::move(outcome), std::move(detail)));
}

}  // namespace iw::gateway
