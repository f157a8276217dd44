#include "api/commissioning.hpp"

#include <algorithm>
#include <map>

#include "api/blocking.hpp"
#include "api/field_target.hpp"
#include "commissioning/arguments.hpp"
#include "commissioning/bacnet_trial.hpp"
#include "commissioning/survey.hpp"
#include "commissioning/trial_json.hpp"
#include "config/beside.hpp"
#include "json/json.hpp"
#include "protocols/bacnet/discovery_client.hpp"
#include "protocols/sunspec/driver.hpp"

namespace iw::api {
namespace {

using commissioning::Link;
using commissioning::Target;

constexpr std::size_t most_lines_at_once = 24;
constexpr Duration who_is_time = 2s;  // for all to answer

Json failed_stage(std::string_view name, const Error& error) {
  return {
      {"name", name}, {"state", "failed"}, {"ms", 0}, {"detail", error.message}, {"remedy", error.remedy}};
}

Json not_tested(const std::string& url, const Error& error) {
  return {{"url", url},
          {"ok", false},
          {"stages", Json::array({failed_stage("port", error)})},
          {"identity", commissioning::to_json(model::DeviceIdentity{})},
          {"sunspec_models", Json::array()},
          {"looks_like", Json::array()},
          {"profile", nullptr},
          {"values", Json::array()}};
}

Json unit_json(const commissioning::SurveyedUnit& one, const std::string& url) {
  Json looks_like = Json::array();
  if (one.identification.chain) looks_like.push_back(sunspec::profile_word);
  for (const modbus::Profile* profile : one.identification.profiles)
    looks_like.push_back(profile->id);
  return {{"unit", one.unit.value()},
          {"url", url},
          {"ms", commissioning::milliseconds(one.took)},
          {"identity", commissioning::to_json(one.identification.identity())},
          {"says", commissioning::describe(one.identification.identity())},
          {"looks_like", std::move(looks_like)}};
}

}  // namespace

io::Task<Commissioning::CataloguesPtr> Commissioning::catalogues() {
  const std::uint64_t now = on_.gateway.reloads() + 1;
  if (catalogues_of_ == now) co_return catalogues_;
  const gateway::LoadedConfig& config = on_.gateway.config();
  const std::string folder = config.site.profiles.empty()
                                 ? std::string()
                                 : config::beside(config.document.file(), config.site.profiles);
  auto read = co_await run_blocking(on_.network.executor(), on_.blocking, [&files = on_.files, folder] {
    auto all = std::make_shared<Catalogues>();
    config::Findings ignored;  // they were said when the configuration was read
    if (!folder.empty()) {
      all->modbus.add_folder(files, folder, ignored);
      all->bacnet.add_folder(files, folder, ignored);
    }
    return CataloguesPtr(std::move(all));
  });
  catalogues_ = std::move(read);
  catalogues_of_ = now;
  co_return catalogues_;
}

// ---- One device

Result<std::uint64_t> Commissioning::test(Wanted wanted, std::string by) {
  if (is_bacnet(wanted.connect)) {
    if (auto url = bacnet_target(wanted.connect); !url) return fail(std::move(url).error());
  } else if (auto target = modbus_target(on_.gateway, wanted.connect, wanted.tls); !target) {
    return fail(std::move(target).error());
  }
  return jobs_.start("test", std::move(by),
                     [this, wanted = std::move(wanted)](Job& job) { return run_test(job, wanted); });
}

io::Task<void> Commissioning::run_test(Job& job, Wanted wanted) {
  const CataloguesPtr profiles = co_await catalogues();
  job.result() = co_await try_one(std::move(wanted), profiles, job,
                                  [&job](const Json& stages) { job.result() = {{"stages", stages}}; });
  job.progress.clear();
}

io::Task<Json> Commissioning::try_one(Wanted wanted, CataloguesPtr profiles, Job& job, OnStages on_stage) {
  if (is_bacnet(wanted.connect))
    co_return co_await try_bacnet(std::move(wanted), std::move(profiles), job, std::move(on_stage));
  co_return co_await try_modbus(std::move(wanted), std::move(profiles), job, std::move(on_stage));
}

io::Task<Json> Commissioning::try_modbus(Wanted wanted, CataloguesPtr profiles, Job& job, OnStages on_stage) {
  const auto target = modbus_target(on_.gateway, wanted.connect, wanted.tls);
  if (!target) co_return not_tested(wanted.connect, target.error());
  const bool sunspec = wanted.profile == sunspec::profile_word;
  const modbus::Profile* profile = nullptr;
  if (!wanted.profile.empty() && !sunspec) {
    const auto found = profiles->modbus.find(wanted.profile);
    if (!found) co_return not_tested(wanted.connect, found.error());
    profile = *found;
  }
  Link link(on_.network, on_.files, *target);
  Json stages = Json::array();
  const commissioning::Trial trial = co_await commissioning::run_trial(
      link, {.catalogue = profiles->modbus,
             .profile = profile,
             .sunspec = sunspec,
             .on_stage =
                 [&](const commissioning::Stage& stage) {
                   stages.push_back(commissioning::to_json(stage));
                   on_stage(stages);
                 },
             .on_wait = [&job](std::string_view what) { job.progress = what; },
             .stopped = [&job] { return job.stopped(); }});
  co_return commissioning::to_json(*target, trial);
}

io::Task<Json> Commissioning::try_bacnet(Wanted wanted, CataloguesPtr profiles, Job& job, OnStages on_stage) {
  const auto url = bacnet_target(wanted.connect);
  if (!url) co_return not_tested(wanted.connect, url.error());
  std::shared_ptr<const bacnet::ObjectRules> rules;
  if (!wanted.profile.empty()) {
    const auto found = profiles->bacnet.find(wanted.profile);
    if (!found) co_return not_tested(wanted.connect, found.error());
    rules = std::make_shared<const bacnet::ObjectRules>((*found)->rules);
  }
  job.progress = "asking the device";
  commissioning::BacnetLink link(on_.network, bacnet_timeout, broadcast_of(*url));
  Json stages = Json::array();
  const commissioning::BacnetTrial trial =
      co_await commissioning::run_bacnet_trial(link, *url,
                                               {.rules = std::move(rules),
                                                .on_stage =
                                                    [&](const commissioning::Stage& stage) {
                                                      stages.push_back(commissioning::to_json(stage));
                                                      on_stage(stages);
                                                    },
                                                .stopped = [&job] { return job.stopped(); }});
  Json result = commissioning::to_json(trial);
  if (!wanted.profile.empty()) result["profile"] = wanted.profile;
  co_return result;
}

// ---- What answers at an address

Result<std::uint64_t> Commissioning::scan(Search wanted, std::string by) {
  if (is_bacnet(wanted.connect)) return scan_bacnet(wanted, std::move(by));
  const auto target = modbus_target(on_.gateway, wanted.connect, std::move(wanted.tls));
  if (!target) return fail(target.error());
  auto units = wanted.units.empty() ? Result<std::vector<modbus::UnitId>>(commissioning::usual_units())
                                    : commissioning::parse_units(wanted.units);
  if (!units) return fail(std::move(units).error());
  return jobs_.start("scan", std::move(by), [this, target = *target, units = std::move(*units)](Job& job) {
    return scan_units(job, target, units);
  });
}

io::Task<void> Commissioning::scan_units(Job& job, Target target, std::vector<modbus::UnitId> units) {
  const CataloguesPtr profiles = co_await catalogues();
  Link link(on_.network, on_.files, target);
  const auto connected = co_await link.connect();
  job.result() = {{"url", modbus::line_url(target.address)}, {"units", Json::array()}, {"error", nullptr}};
  if (!connected) {
    job.result()["error"] = {{"detail", connected.error().message}, {"remedy", connected.error().remedy}};
    co_return;
  }
  const commissioning::Survey found = co_await commissioning::survey(
      link, std::move(units), profiles->modbus, [&job](const std::string& what) { job.progress = what; },
      [&job] { return job.stopped(); });
  for (const commissioning::SurveyedUnit& one : found.found) {
    job.result()["units"].push_back(unit_json(one, target.url(one.unit)));
    if (found.same_for_all) break;
  }
  job.result()["silent"] = found.silent.size();
  job.result()["same_for_all"] = found.same_for_all;
  if (found.error && !job.stopped())
    job.result()["error"] = {{"detail", found.error->message}, {"remedy", found.error->remedy}};
  job.progress.clear();
}

Result<std::uint64_t> Commissioning::scan_bacnet(const Search& wanted, std::string by) {
  const auto url = bacnet::parse_url(wanted.connect);
  if (!url) return fail(url.error());
  std::optional<bacnet::InstanceRange> range;
  if (url->instance) range = bacnet::InstanceRange{.low = *url->instance, .high = *url->instance};
  if (!wanted.units.empty()) {
    auto given = commissioning::parse_instances(wanted.units);
    if (!given) return fail(std::move(given).error());
    range = *given;
  }
  return jobs_.start("scan", std::move(by),
                     [this, host = url->host, range](Job& job) { return scan_devices(job, host, range); });
}

io::Task<void> Commissioning::scan_devices(Job& job, std::optional<bacnet::IpAddress> host,
                                           std::optional<bacnet::InstanceRange> range) {
  job.result() = {{"url", "bacnet://"}, {"units", Json::array()}, {"error", nullptr}};
  commissioning::BacnetLink link(on_.network, bacnet_timeout, broadcast_of({.host = host}));
  if (auto opened = link.open(); !opened) {
    job.result()["error"] = {{"detail", opened.error().message}, {"remedy", opened.error().remedy}};
    co_return;
  }
  job.progress = "Who-Is";
  co_await link.look_around(host, range, who_is_time);
  for (const auto& [instance, found] : link.found()) {
    if (job.stopped()) break;
    job.progress = fmt::format("device {}: asking who it is", instance);
    bacnet::PropertyClient device(link.client(), {.address = found.address, .limits = {}});
    const auto identity = co_await bacnet::read_identity(device, instance);
    const model::DeviceIdentity who = identity ? *identity : model::DeviceIdentity();
    const auto address = bacnet::to_ip(found.address.mac);
    const bacnet::DeviceUrl url{.host = found.address.network == 0 ? address : std::nullopt,
                                .instance = instance};
    job.result()["units"].push_back({{"unit", instance},
                                     {"url", bacnet::to_string(url)},
                                     {"ms", 0},
                                     {"identity", commissioning::to_json(who)},
                                     {"says", commissioning::describe(who)},
                                     {"looks_like", Json::array()}});
  }
  job.result()["silent"] = 0;
  job.result()["same_for_all"] = false;
  job.progress.clear();
  co_await link.close();
}

// ---- Many devices

// What the coroutines of the lines share.
struct Commissioning::Rows {
  std::vector<DeviceRow> rows;
  commissioning::TlsFiles tls;
  CataloguesPtr profiles;
  std::size_t done = 0;
};

Result<std::uint64_t> Commissioning::test_rows(Pasted pasted, std::string by) {
  return jobs_.start("rows", std::move(by),
                     [this, pasted = std::move(pasted)](Job& job) { return run_rows(job, pasted); });
}

// What can be said without asking the device.
void Commissioning::check_row(const DeviceRow& row, const Rows& all, Json& shown) const {
  const auto refuse = [&](const Error& error) {
    shown["state"] = "faulty";
    shown["detail"] = error.message;
    shown["remedy"] = error.remedy;
  };
  const auto& devices = on_.gateway.config().site.devices;
  const auto namesakes = std::ranges::count(all.rows, row.name, &DeviceRow::name);
  if (row.name.empty()) return refuse({ErrorKind::invalid_argument, "there is no name", ""});
  if (namesakes > 1) {
    return refuse(
        {ErrorKind::invalid_argument, fmt::format("{} rows have this name", namesakes), "names are unique"});
  }
  if (std::ranges::find(devices, row.name, &gateway::DeviceSection::name) != devices.end()) {
    return refuse({ErrorKind::rejected, fmt::format("there is a device '{}' already", row.name),
                   "give it another name"});
  }
  const bool bacnet = is_bacnet(row.connect);
  if (bacnet) {
    if (const auto url = bacnet_target(row.connect); !url) return refuse(url.error());
  } else if (const auto target = modbus_target(on_.gateway, row.connect, all.tls); !target) {
    return refuse(target.error());
  }
  if (row.profile.empty() || row.profile == sunspec::profile_word) return;
  const auto missing = [&](const auto& found) {
    if (!found) refuse(found.error());
  };
  if (bacnet) return missing(all.profiles->bacnet.find(row.profile));
  missing(all.profiles->modbus.find(row.profile));
}

Json row_json(const DeviceRow& row) {
  Json device{{"name", row.name}, {"connect", row.connect}};
  if (!row.profile.empty()) device["profile"] = row.profile;
  for (const auto& [key, value] : row.more)
    device[key] = value;
  return {{"line", row.line},    {"state", "waiting"},          {"detail", ""},
          {"remedy", ""},        {"device", std::move(device)}, {"stages", Json::array()},
          {"identity", nullptr}, {"looks_like", Json::array()}, {"good_values", 0},
          {"values", 0}};
}

io::Task<void> Commissioning::run_rows(Job& job, Pasted pasted) {
  auto shared = std::make_shared<Rows>(
      Rows{.rows = std::move(pasted.rows), .tls = std::move(pasted.tls), .profiles = co_await catalogues()});
  job.result() = {{"rows", Json::array()}};
  std::map<std::string, std::vector<std::size_t>> lines;
  for (std::size_t i = 0; i < shared->rows.size(); ++i) {
    const DeviceRow& row = shared->rows[i];
    Json shown = row_json(row);
    check_row(row, *shared, shown);
    if (shown["state"] == "waiting") lines[line_of(row.connect)].push_back(i);
    job.result()["rows"].push_back(std::move(shown));
  }
  // As many lines side by side as there may be: each worker takes the next one that nobody has.
  auto next = std::make_shared<std::map<std::string, std::vector<std::size_t>>::iterator>(lines.begin());
  io::TaskGroup workers(on_.network.executor());
  auto worker = [](Commissioning& self, Job& on, std::shared_ptr<Rows> all, auto& todo,
                   auto at) -> io::Task<void> {
    while (*at != todo.end() && !on.stopped()) {
      const auto line = (*at)++;
      co_await self.run_line(on, all, line->second);
    }
  };
  for (std::size_t i = 0; i < std::min(lines.size(), most_lines_at_once); ++i)
    workers.spawn(worker(*this, job, shared, lines, next));
  co_await workers.join();
  job.progress.clear();
}

io::Task<void> Commissioning::run_line(Job& job, std::shared_ptr<Rows> rows,
                                       std::vector<std::size_t> of_line) {
  for (const std::size_t i : of_line) {
    if (job.stopped()) co_return;
    const DeviceRow& row = rows->rows[i];
    job.result()["rows"][i]["state"] = "testing";
    Json result =
        co_await try_one({.connect = row.connect, .profile = row.profile, .tls = rows->tls}, rows->profiles,
                         job, [&job, i](const Json& stages) { job.result()["rows"][i]["stages"] = stages; });
    Json& shown = job.result()["rows"][i];
    if (job.stopped()) {
      shown["state"] = "waiting";
      co_return;
    }
    const bool ok = result["ok"].get<bool>();
    const Json& last = result["stages"].back();
    std::size_t good = 0;
    for (const Json& value : result["values"])
      good += value["quality"].get<std::string>().starts_with("good") ? 1 : 0;
    shown["detail"] = last["detail"];
    shown["remedy"] = last["remedy"];
    shown["stages"] = result["stages"];
    shown["identity"] = result["identity"];
    shown["looks_like"] = result["looks_like"];
    shown["values"] = result["values"].size();
    shown["good_values"] = good;
    // It answers, but nothing says how to read it: a profile is missing.
    shown["state"] = !ok ? "failed" : good > 0 ? "ok" : "unknown";
    if (ok && row.profile.empty() && result["profile"].is_string())
      shown["device"]["profile"] = result["profile"];
    job.progress = fmt::format("{} of {} rows", ++rows->done, rows->rows.size());
  }
}

}  // namespace iw::api
