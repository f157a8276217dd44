#include "sim/meters.hpp"

namespace iw::sim {

Meter::Meter(const MeterModel& model, const Branch& branch) : model_(model), branch_(branch) {
  for (const MeterModel::Space& space : model.spaces)
    bank.add(model.table, space.first, space.count);
  add_cells(bank, model.table, model.cells);
  faults.max_registers = model.max_registers;
  identity = basic_identity(std::string(model.maker), std::string(model.model), "1.0");
}

void Meter::refresh(Instant /*now*/) { fill_cells(bank, model_.table, model_.cells, branch_); }

}  // namespace iw::sim
