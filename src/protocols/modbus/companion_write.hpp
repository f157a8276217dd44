// Companions: the registers that are set with a point: what makes the device fall back by itself when it is
// not told again, and, once it holds the value, what makes it obey. Enabled before, it would obey the value
// of the last time. Each is read, written once, and read back.
#pragma once

#include "io/executor.hpp"
#include "io/task.hpp"
#include "model/command.hpp"
#include "protocols/modbus/line.hpp"

namespace iw::modbus {

// The revert timer of a point, with what the device then takes where it takes that; it runs from now on.
// Why the device would not fall back as it should; none: it would, or there is no timer.
io::Task<std::optional<Error>> set_revert(UnitAccess& unit, io::Executor& executor, RegisterPoint point,
                                          model::Revert revert, DeviceLimits limits);
// Likewise the heartbeat.
io::Task<std::optional<Error>> beat(UnitAccess& unit, io::Executor& executor, RegisterPoint point,
                                    DeviceLimits limits);

// Sets the registers that make a device obey a point it holds (RegisterPoint::enables), in order. Anything
// but confirmed comes with an error that names the register.
io::Task<model::WriteResult> enable(UnitAccess& unit, io::Executor& executor,
                                    std::vector<EnableRegister> registers, DeviceLimits limits);

}  // namespace iw::modbus
