// What clients ask a device to do, in words for a record: who reads it has no table of the standard at hand.
#pragma once

#include <string>

#include "protocols/bacnet/alarm_services.hpp"
#include "protocols/bacnet/device_services.hpp"
#include "protocols/bacnet/write_services.hpp"

namespace iw::bacnet::server {

std::string in_words(const WriteProperty& write);  // "present-value 55 at priority 8"
std::string in_words(const ChangeList& change, bool add);
std::string in_words(const AcknowledgeAlarm& acknowledgement);
std::string in_words(const DeviceCommunicationControl& control);  // without its password

}  // namespace iw::bacnet::server
