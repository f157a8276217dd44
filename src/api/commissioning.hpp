// Commissioning: tests, scans and rows of devices as jobs, before anything of them is configured. On the
// core; a device that is tested is asked by a connection of its own, so what the gateway polls is left alone.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "api/device_rows.hpp"
#include "api/jobs.hpp"
#include "api/surroundings.hpp"
#include "protocols/modbus/address.hpp"
#include "protocols/modbus/catalogue.hpp"

namespace iw::api {

class Commissioning {
 public:
  explicit Commissioning(const Surroundings& on) : on_(on), jobs_(on.network.executor()) {}

  struct Wanted {
    std::string connect;
    std::string profile;  // empty: what the device says it is
  };
  // The stages of a test with its values.
  Result<std::uint64_t> test(Wanted wanted, std::string by);
  // Which units answer at an address, and who they are. units: "1-10,100"; empty: the usual ones.
  Result<std::uint64_t> scan(const std::string& connect, const std::string& units, std::string by);
  // Each row is tested, those of different lines side by side, those of one line one after the other.
  Result<std::uint64_t> test_rows(std::vector<DeviceRow> rows, std::string by);

  [[nodiscard]] Jobs& jobs() { return jobs_; }

  // The built-in profiles and those of the site.
  using CataloguePtr = std::shared_ptr<const modbus::Catalogue>;
  io::Task<CataloguePtr> catalogue();

 private:
  struct Rows;

  io::Task<void> run_test(Job& job, Wanted wanted);
  io::Task<Json> try_one(Wanted wanted, CataloguePtr catalogue, Job& job,
                         std::function<void(const Json& stages)> on_stage);
  io::Task<void> run_rows(Job& job, std::vector<DeviceRow> rows);
  io::Task<void> run_line(Job& job, std::shared_ptr<Rows> rows, std::vector<std::size_t> of_line);
  void check_row(const DeviceRow& row, const std::vector<DeviceRow>& all, const modbus::Catalogue& catalogue,
                 Json& shown) const;
  [[nodiscard]] std::optional<Error> in_use(const modbus::Address& address) const;

  Surroundings on_;
  Jobs jobs_;
  CataloguePtr catalogue_;
  std::uint64_t catalogue_of_ = 0;  // reloads of the gateway when it was read, and 1
};

}  // namespace iw::api
