// Commissioning: tests, scans and rows of devices as jobs, before anything of them is configured. On the
// core; a device that is tested is asked by a connection of its own, so what the gateway polls is left alone.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "api/device_rows.hpp"
#include "api/jobs.hpp"
#include "api/surroundings.hpp"
#include "commissioning/link.hpp"
#include "protocols/bacnet/catalogue.hpp"
#include "protocols/bacnet/device_services.hpp"
#include "protocols/bacnet/url.hpp"
#include "protocols/modbus/catalogue.hpp"

namespace iw::api {

class Commissioning {
 public:
  explicit Commissioning(const Surroundings& on) : on_(on), jobs_(on.network.executor()) {}

  struct Wanted {
    std::string connect;
    std::string profile;  // empty: what the device says it is
    commissioning::TlsFiles tls = {};
  };
  // The stages of a test with its values.
  Result<std::uint64_t> test(Wanted wanted, std::string by);
  // Which units answer at an address, and who they are. units: "1-10,100"; empty: the usual ones. Of BACnet
  // the devices that hear a Who-Is there; units are their instances.
  struct Search {
    std::string connect;
    std::string units;
    commissioning::TlsFiles tls = {};
  };
  Result<std::uint64_t> scan(Search wanted, std::string by);
  // Each row is tested, those of different lines side by side, those of one line one after the other; those
  // behind TLS with these files, or with those of their lines.
  struct Pasted {
    std::vector<DeviceRow> rows;
    commissioning::TlsFiles tls = {};
  };
  Result<std::uint64_t> test_rows(Pasted pasted, std::string by);

  [[nodiscard]] Jobs& jobs() { return jobs_; }

  // The built-in profiles and those of the site.
  struct Catalogues {
    modbus::Catalogue modbus = modbus::Catalogue::built_in();
    bacnet::Catalogue bacnet = bacnet::Catalogue::built_in();
  };
  using CataloguesPtr = std::shared_ptr<const Catalogues>;
  io::Task<CataloguesPtr> catalogues();

 private:
  struct Rows;

  io::Task<void> run_test(Job& job, Wanted wanted);
  using OnStages = std::function<void(const Json& stages)>;
  io::Task<Json> try_one(Wanted wanted, CataloguesPtr catalogues, Job& job, OnStages on_stage);
  io::Task<Json> try_modbus(Wanted wanted, CataloguesPtr catalogues, Job& job, OnStages on_stage);
  io::Task<Json> try_bacnet(Wanted wanted, CataloguesPtr catalogues, Job& job, OnStages on_stage);
  io::Task<void> scan_units(Job& job, commissioning::Target target, std::vector<modbus::UnitId> units);
  Result<std::uint64_t> scan_bacnet(const Search& wanted, std::string by);
  io::Task<void> scan_devices(Job& job, std::optional<bacnet::IpAddress> host,
                              std::optional<bacnet::InstanceRange> range);
  io::Task<void> run_rows(Job& job, Pasted pasted);
  io::Task<void> run_line(Job& job, std::shared_ptr<Rows> rows, std::vector<std::size_t> of_line);
  void check_row(const DeviceRow& row, const Rows& all, Json& shown) const;

  Surroundings on_;
  Jobs jobs_;
  CataloguesPtr catalogues_;
  std::uint64_t catalogues_of_ = 0;  // reloads of the gateway when it was read, and 1
};

}  // namespace iw::api
