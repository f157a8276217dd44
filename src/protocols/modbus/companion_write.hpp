// Companions: the registers that are set with a point once the device holds its value: first what makes the
// device fall back by itself when it is not told again, then what makes it obey. Enabled before, it would
// obey the value of the last time. Each is read, written once, and read back.
#pragma once

#include "io/executor.hpp"
#include "io/task.hpp"
#include "model/command.hpp"
#include "protocols/modbus/line.hpp"

namespace iw::modbus {

// The revert timer and the heartbeat of a point. Why the device would not fall back as it should; none: it
// would, or there is neither.
io::Task<std::optional<Error>> guard(UnitAccess& unit, io::Executor& executor, RegisterPoint point,
                                     model::Revert revert, DeviceLimits limits);

// Sets the registers that make a device obey a point it holds (RegisterPoint::enables), in order. Anything
// but confirmed comes with an error that names the register.
io::Task<model::WriteResult> enable(UnitAccess& unit, io::Executor& executor,
                                    std::vector<EnableRegister> registers, DeviceLimits limits);

}  // namespace iw::modbus
