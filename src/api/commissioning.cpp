#include "api/commissioning.hpp"

#include <algorithm>
#include <map>

#include <nlohmann/json.hpp>

#include "api/blocking.hpp"
#include "commissioning/arguments.hpp"
#include "commissioning/survey.hpp"
#include "commissioning/trial_json.hpp"
#include "gateway/drivers.hpp"
#include "protocols/sunspec/driver.hpp"

namespace iw::api {
namespace {

using commissioning::Link;
using commissioning::Target;

constexpr std::size_t most_lines_at_once = 24;

Result<modbus::Address> modbus_address(const std::string& url) {
  const driver::DriverKind* kind = gateway::driver_for(url);
  if (kind == nullptr) {
    return fail(ErrorKind::invalid_argument, fmt::format("'{}' is no address that a driver knows", url),
                "for example modbus://192.0.2.10?unit=1");
  }
  if (auto right = kind->check_address(url); !right) return fail(std::move(right).error());
  auto address = modbus::parse_address(url);
  if (!address) {
    return fail(ErrorKind::unsupported, fmt::format("{} devices can not be tested from here yet", kind->name),
                "add it: its page then shows what it says; or: interwatt try URL");
  }
  if (address->transport == modbus::Transport::tls) {
    return fail(ErrorKind::unsupported, "a device behind TLS needs certificates, which stand under lines",
                "interwatt try URL --ca --cert --key, or add it: its page then shows what it says");
  }
  return address;
}

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

io::Task<Commissioning::CataloguePtr> Commissioning::catalogue() {
  const std::uint64_t now = on_.gateway.reloads() + 1;
  if (catalogue_of_ == now) co_return catalogue_;
  const gateway::LoadedConfig& config = on_.gateway.config();
  const std::string folder = config.site.profiles.empty()
                                 ? std::string()
                                 : gateway::beside(config.document.file(), config.site.profiles);
  auto read = co_await run_blocking(on_.network.executor(), on_.blocking, [&files = on_.files, folder] {
    auto all = std::make_shared<modbus::Catalogue>(modbus::Catalogue::built_in());
    config::Findings ignored;  // they were said when the configuration was read
    if (!folder.empty()) all->add_folder(files, folder, ignored);
    return CataloguePtr(std::move(all));
  });
  catalogue_ = std::move(read);
  catalogue_of_ = now;
  co_return catalogue_;
}

// Two masters on one serial bus would spoil the answers of both.
std::optional<Error> Commissioning::in_use(const modbus::Address& address) const {
  if (address.transport != modbus::Transport::serial) return std::nullopt;
  const std::string line = modbus::line_url(address);
  std::size_t devices = 0;
  for (const gateway::DeviceSection& device : on_.gateway.config().site.devices) {
    const auto other = modbus::parse_address(device.connect);
    if (device.enabled && other && modbus::line_url(*other) == line) ++devices;
  }
  if (devices == 0) return std::nullopt;
  return Error{ErrorKind::busy, fmt::format("{} is in use: {} devices are polled on it", line, devices),
               "add the device: it is then asked beside the others, and its page shows what it says"};
}

// ---- One device

Result<std::uint64_t> Commissioning::test(Wanted wanted, std::string by) {
  if (auto address = modbus_address(wanted.connect); !address) return fail(std::move(address).error());
  return jobs_.start("test", std::move(by),
                     [this, wanted = std::move(wanted)](Job& job) { return run_test(job, wanted); });
}

io::Task<void> Commissioning::run_test(Job& job, Wanted wanted) {
  const CataloguePtr profiles = co_await catalogue();
  job.result() = co_await try_one(std::move(wanted), profiles, job,
                                  [&job](const Json& stages) { job.result() = {{"stages", stages}}; });
  job.progress.clear();
}

io::Task<Json> Commissioning::try_one(Wanted wanted, CataloguePtr profiles, Job& job,
                                      std::function<void(const Json& stages)> on_stage) {
  const auto address = modbus_address(wanted.connect);
  if (!address) co_return not_tested(wanted.connect, address.error());
  if (const auto busy = in_use(*address)) co_return not_tested(wanted.connect, *busy);
  const bool sunspec = wanted.profile == sunspec::profile_word;
  const modbus::Profile* profile = nullptr;
  if (!wanted.profile.empty() && !sunspec) {
    const auto found = profiles->find(wanted.profile);
    if (!found) co_return not_tested(wanted.connect, found.error());
    profile = *found;
  }
  const Target target{.address = *address, .unit = address->unit.value_or(modbus::UnitId(1)), .tls = {}};
  Link link(on_.network, on_.files, target);
  Json stages = Json::array();
  const commissioning::Trial trial = co_await commissioning::run_trial(
      link, {.catalogue = *profiles,
             .profile = profile,
             .sunspec = sunspec,
             .on_stage =
                 [&](const commissioning::Stage& stage) {
                   stages.push_back(commissioning::to_json(stage));
                   on_stage(stages);
                 },
             .on_wait = [&job](std::string_view what) { job.progress = what; },
             .stopped = [&job] { return job.stopped(); }});
  co_return commissioning::to_json(target, trial);
}

// ---- What answers at an address

Result<std::uint64_t> Commissioning::scan(const std::string& connect, const std::string& units,
                                          std::string by) {
  const auto address = modbus_address(connect);
  if (!address) return fail(address.error());
  if (auto busy = in_use(*address)) return fail(std::move(*busy));
  auto wanted = units.empty() ? Result<std::vector<modbus::UnitId>>(commissioning::usual_units())
                              : commissioning::parse_units(units);
  if (!wanted) return fail(std::move(wanted).error());
  auto work = [this, address = *address, wanted = std::move(*wanted)](Job& job) -> io::Task<void> {
    auto main = [](Commissioning& self, Job& on, modbus::Address where,
                   std::vector<modbus::UnitId> whom) -> io::Task<void> {
      const CataloguePtr profiles = co_await self.catalogue();
      const Target target{.address = where, .tls = {}};
      Link link(self.on_.network, self.on_.files, target);
      const auto connected = co_await link.connect();
      on.result() = {{"url", modbus::line_url(where)}, {"units", Json::array()}, {"error", nullptr}};
      if (!connected) {
        on.result()["error"] = {{"detail", connected.error().message}, {"remedy", connected.error().remedy}};
        co_return;
      }
      const commissioning::Survey found = co_await commissioning::survey(
          link, std::move(whom), *profiles, [&on](const std::string& what) { on.progress = what; },
          [&on] { return on.stopped(); });
      for (const commissioning::SurveyedUnit& one : found.found) {
        on.result()["units"].push_back(unit_json(one, target.url(one.unit)));
        if (found.same_for_all) break;
      }
      on.result()["silent"] = found.silent.size();
      on.result()["same_for_all"] = found.same_for_all;
      if (found.error && !on.stopped())
        on.result()["error"] = {{"detail", found.error->message}, {"remedy", found.error->remedy}};
      on.progress.clear();
    };
    return main(*this, job, address, wanted);
  };
  return jobs_.start("scan", std::move(by), std::move(work));
}

// ---- Many devices

// What the coroutines of the lines share.
struct Commissioning::Rows {
  std::vector<DeviceRow> rows;
  CataloguePtr profiles;
  std::size_t done = 0;
};

Result<std::uint64_t> Commissioning::test_rows(std::vector<DeviceRow> rows, std::string by) {
  return jobs_.start("rows", std::move(by),
                     [this, rows = std::move(rows)](Job& job) { return run_rows(job, rows); });
}

// What can be said without asking the device.
void Commissioning::check_row(const DeviceRow& row, const std::vector<DeviceRow>& all,
                              const modbus::Catalogue& profiles, Json& shown) const {
  const auto refuse = [&](const Error& error) {
    shown["state"] = "faulty";
    shown["detail"] = error.message;
    shown["remedy"] = error.remedy;
  };
  const auto& devices = on_.gateway.config().site.devices;
  const auto namesakes = std::ranges::count(all, row.name, &DeviceRow::name);
  if (row.name.empty()) return refuse({ErrorKind::invalid_argument, "there is no name", ""});
  if (namesakes > 1)
    return refuse(
        {ErrorKind::invalid_argument, fmt::format("{} rows have this name", namesakes), "names are unique"});
  if (std::ranges::find(devices, row.name, &gateway::DeviceSection::name) != devices.end())
    return refuse({ErrorKind::rejected, fmt::format("there is a device '{}' already", row.name),
                   "give it another name"});
  if (const auto address = modbus_address(row.connect);
      !address && address.error().kind != ErrorKind::unsupported)
    return refuse(address.error());
  if (row.profile.empty() || row.profile == sunspec::profile_word) return;
  if (const auto profile = profiles.find(row.profile); !profile) refuse(profile.error());
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

io::Task<void> Commissioning::run_rows(Job& job, std::vector<DeviceRow> rows) {
  auto shared = std::make_shared<Rows>(Rows{.rows = std::move(rows), .profiles = co_await catalogue()});
  job.result() = {{"rows", Json::array()}};
  std::map<std::string, std::vector<std::size_t>> lines;
  for (std::size_t i = 0; i < shared->rows.size(); ++i) {
    const DeviceRow& row = shared->rows[i];
    Json shown = row_json(row);
    check_row(row, shared->rows, *shared->profiles, shown);
    const auto address = modbus_address(row.connect);
    if (shown["state"] == "waiting") lines[address ? modbus::line_url(*address) : row.connect].push_back(i);
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
        co_await try_one({.connect = row.connect, .profile = row.profile}, rows->profiles, job,
                         [&job, i](const Json& stages) { job.result()["rows"][i]["stages"] = stages; });
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
