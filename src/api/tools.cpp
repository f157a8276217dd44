#include "api/tools.hpp"

#include "api/field_target.hpp"
#include "commissioning/bacnet_browse.hpp"
#include "commissioning/register_table.hpp"
#include "commissioning/survey_json.hpp"
#include "io/sleep.hpp"
#include "json/json.hpp"

namespace iw::api {
namespace {

using commissioning::Link;
using commissioning::LinkUnit;
using commissioning::Target;

constexpr Duration longest_watch = 15min;
constexpr Duration look_again = 200ms;  // whether the job was stopped meanwhile

Json error_json(const Error& error) { return {{"detail", error.message}, {"remedy", error.remedy}}; }

io::Task<void> sleep_unless_stopped(io::Executor& executor, const Job& job, Duration span) {
  const Instant end = executor.now() + span;
  while (!job.stopped() && executor.now() < end)
    co_await io::sleep_for(executor, std::min(look_again, end - executor.now()));
}

}  // namespace

// ---- Registers

Result<std::uint64_t> Tools::registers(Registers wanted, std::string by) {
  auto target = modbus_target(on_.gateway, wanted.connect, wanted.tls);
  if (!target) return fail(std::move(target).error());
  return commissioning_.jobs().start("registers", std::move(by),
                                     [this, target = *target, wanted = std::move(wanted)](Job& job) {
                                       return watch_registers(job, target, wanted);
                                     });
}

io::Task<void> Tools::watch_registers(Job& job, Target target, Registers wanted) {
  Link link(on_.network, on_.files, target);
  LinkUnit unit(link, target.unit);
  commissioning::RegisterTable table;
  const Instant end = link.executor().now() + longest_watch;
  job.result() = {{"url", target.url()}, {"table", to_string(wanted.table)}, {"asked", wanted.range.count()},
                  {"readings", 0},       {"registers", Json::array()},       {"error", nullptr}};
  do {
    const auto progress = [&](std::size_t done) {
      if (table.readings() == 0) job.progress = fmt::format("{} of {} registers", done, wanted.range.count());
    };
    const commissioning::RegisterRange read =
        co_await commissioning::read_range(unit, wanted.table, wanted.range, progress);
    table.take(read);
    job.result()["readings"] = table.readings();
    job.result()["registers"] = commissioning::to_json(table);
    job.result()["error"] = read.error ? error_json(*read.error) : Json(nullptr);
    if (read.error && read.error->kind != ErrorKind::timeout) break;
    job.progress.clear();
    co_await sleep_unless_stopped(link.executor(), job, wanted.again);
  } while (wanted.again > Duration{} && !job.stopped() && link.executor().now() < end);
}

// ---- SunSpec

Result<std::uint64_t> Tools::sunspec(const std::string& connect, commissioning::TlsFiles tls,
                                     std::string by) {
  auto target = modbus_target(on_.gateway, connect, std::move(tls));
  if (!target) return fail(std::move(target).error());
  return commissioning_.jobs().start(
      "sunspec", std::move(by), [this, target = *target](Job& job) { return read_sunspec(job, target); });
}

io::Task<void> Tools::read_sunspec(Job& job, Target target) {
  const Commissioning::CataloguesPtr profiles = co_await commissioning_.catalogues();
  Link link(on_.network, on_.files, target);
  LinkUnit unit(link, target.unit);
  job.progress = "looking for models";
  job.result() = {
      {"url", target.url()}, {"models", Json::array()}, {"warnings", Json::array()}, {"error", nullptr}};
  const auto connected = co_await link.connect();
  if (!connected) {
    job.result()["error"] = error_json(connected.error());
    co_return;
  }
  const commissioning::Identification found = co_await commissioning::identify(unit, profiles->modbus);
  if (!found.chain) {
    job.result()["error"] = {
        {"detail", found.why_no_chain},
        {"remedy", "it has no SunSpec models, or keeps them elsewhere: look at its registers"}};
    co_return;
  }
  job.result()["base"] = found.chain->base;
  job.result()["warnings"] = found.chain->warnings;
  // Each model is shown as soon as it is read.
  for (const sunspec::ModelBlock& block : found.chain->models) {
    if (job.stopped()) break;
    job.progress = fmt::format("model {}", block.id);
    sunspec::Chain one = *found.chain;
    one.models = {block};
    for (const auto& model : co_await commissioning::read_models(unit, std::move(one)))
      job.result()["models"].push_back(commissioning::to_json(model));
  }
  job.progress.clear();
}

// ---- BACnet

Result<std::uint64_t> Tools::bacnet(Objects wanted, std::string by) {
  auto url = bacnet_target(wanted.connect);
  if (!url) return fail(std::move(url).error());
  for (const std::string& id : {wanted.object, wanted.type.empty() ? wanted.type : wanted.type + ":0"}) {
    if (id.empty()) continue;
    if (auto known = bacnet::parse_object_id(id); !known) return fail(std::move(known).error());
  }
  return commissioning_.jobs().start(
      "objects", std::move(by),
      [this, url = *url, wanted = std::move(wanted)](Job& job) { return browse(job, url, wanted); });
}

io::Task<void> Tools::browse(Job& job, bacnet::DeviceUrl url, Objects wanted) {
  commissioning::BacnetLink link(on_.network, bacnet_timeout, broadcast_of(url));
  job.result() = {{"url", wanted.connect}, {"error", nullptr}};
  if (auto opened = link.open(); !opened) {
    job.result()["error"] = error_json(opened.error());
    co_return;
  }
  std::optional<Error> error;
  if (!url.instance) {
    const auto instance = co_await bacnet::instance_at(link.client(), *url.address());
    if (instance) url.instance = *instance;
    if (!instance) error = instance.error();
  }
  if (!error && wanted.object.empty()) {
    const auto found = co_await commissioning::browse_objects(
        link, url,
        {.type = wanted.type,
         .match = wanted.match,
         .progress = [&job](std::size_t done,
                            std::size_t of) { job.progress = fmt::format("{} of {} objects", done, of); },
         .stopped = [&job] { return job.stopped(); }});
    if (found) {
      job.result()["all"] = found->all;
      job.result()["objects"] = Json::array();
      for (const commissioning::BrowsedObject& object : found->objects)
        job.result()["objects"].push_back(commissioning::to_json(object));
    } else {
      error = found.error();
    }
  } else if (!error) {
    const auto id = bacnet::parse_object_id(wanted.object);
    const auto found = co_await commissioning::browse_properties(link, url, *id);
    if (found) {
      job.result()["object"] = bacnet::to_string(*id);
      job.result()["properties"] = Json::array();
      for (const commissioning::BrowsedProperty& property : *found)
        job.result()["properties"].push_back({{"name", property.name}, {"value", property.value}});
    } else {
      error = found.error();
    }
  }
  if (error) job.result()["error"] = error_json(*error);
  job.result()["url"] = bacnet::to_string(url);
  job.progress.clear();
  co_await link.close();
}

}  // namespace iw::api
