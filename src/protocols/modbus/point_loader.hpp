// PointLoader: what a point of a profile means: its name and asset, the bits of its registers, unit, scale
// and sign, sentinels, and whether it may be written. What can not be is a finding.
#pragma once

#include <map>
#include <string>
#include <utility>

#include "protocols/modbus/register_placer.hpp"

namespace iw::modbus {

class PointLoader {
 public:
  // All outlive it.
  PointLoader(const ProfileRows& rows, const RegisterPlacer& placer, config::Findings& findings)
      : rows_(rows), placer_(placer), findings_(findings) {}

  // None when it can not be in its place; with other findings it is there, to be checked against its
  // neighbours.
  std::optional<RegisterPoint> load(const PointRow& row);

 private:
  void check_name(const config::Value& place, const PointRow& row);
  void check_bits(const config::Value& place, const PointRow& row, RegisterPoint& point);
  void convert(const config::Value& place, const PointRow& row, RegisterPoint& point);
  void add_sentinels(const config::Value& place, const PointRow& row, RegisterPoint& point);
  void add_scale_register(const config::Value& place, const PointRow& row, RegisterPoint& point);
  void check_writable(const config::Value& place, const PointRow& row, RegisterPoint& point);
  void add_enables(const config::Value& place, const PointRow& row, RegisterPoint& point);
  void add_revert(const config::Value& place, const PointRow& row, RegisterPoint& point);
  void add_heartbeat(const config::Value& place, const PointRow& row, RegisterPoint& point);
  void error(const config::Value& row, std::string_view field, std::string message, std::string remedy = {}) {
    add_error(findings_, row, field, std::move(message), std::move(remedy));
  }

  const ProfileRows& rows_;
  const RegisterPlacer& placer_;
  config::Findings& findings_;
  std::map<std::pair<std::string, model::PointName>, int> names_;
};

}  // namespace iw::modbus
