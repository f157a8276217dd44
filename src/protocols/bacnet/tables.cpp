// The short enumerations.
#include "protocols/bacnet/tables.hpp"

#include <array>

namespace iw::bacnet {
namespace {

constexpr std::array reliabilities{
    Name{0, "no-fault-detected"},
    Name{1, "no-sensor"},
    Name{2, "over-range"},
    Name{3, "under-range"},
    Name{4, "open-loop"},
    Name{5, "shorted-loop"},
    Name{6, "no-output"},
    Name{7, "unreliable-other"},
    Name{8, "process-error"},
    Name{9, "multi-state-fault"},
    Name{10, "configuration-error"},
    Name{12, "communication-failure"},
    Name{13, "member-fault"},
    Name{14, "monitored-object-fault"},
    Name{15, "tripped"},
    Name{16, "lamp-failure"},
    Name{17, "activation-failure"},
    Name{18, "renew-dhcp-failure"},
    Name{19, "renew-fd-registration-failure"},
    Name{20, "restart-auto-negotiation-failure"},
    Name{21, "restart-failure"},
    Name{22, "proprietary-command-failure"},
    Name{23, "faults-listed"},
    Name{24, "referenced-object-fault"},
    Name{25, "multi-state-out-of-range"},
};

constexpr std::array event_states{
    Name{0, "normal"},     Name{1, "fault"},     Name{2, "offnormal"},
    Name{3, "high-limit"}, Name{4, "low-limit"}, Name{5, "life-safety-alarm"},
};

constexpr std::array event_types{
    Name{0, "change-of-bitstring"},
    Name{1, "change-of-state"},
    Name{2, "change-of-value"},
    Name{3, "command-failure"},
    Name{4, "floating-limit"},
    Name{5, "out-of-range"},
    Name{8, "change-of-life-safety"},
    Name{9, "extended"},
    Name{10, "buffer-ready"},
    Name{11, "unsigned-range"},
    Name{13, "access-event"},
    Name{14, "double-out-of-range"},
    Name{15, "signed-out-of-range"},
    Name{16, "unsigned-out-of-range"},
    Name{17, "change-of-characterstring"},
    Name{18, "change-of-status-flags"},
    Name{19, "change-of-reliability"},
    Name{20, "none"},
    Name{21, "change-of-discrete-value"},
    Name{22, "change-of-timer"},
};

constexpr std::array segmentations{
    Name{0, "segmented-both"},
    Name{1, "segmented-transmit"},
    Name{2, "segmented-receive"},
    Name{3, "no-segmentation"},
};

constexpr std::array error_classes{
    Name{0, "device"},   Name{1, "object"},   Name{2, "property"}, Name{3, "resources"},
    Name{4, "security"}, Name{5, "services"}, Name{6, "vt"},       Name{7, "communication"},
};

constexpr std::array reject_reasons{
    Name{0, "other"},
    Name{1, "buffer-overflow"},
    Name{2, "inconsistent-parameters"},
    Name{3, "invalid-parameter-datatype"},
    Name{4, "invalid-tag"},
    Name{5, "missing-required-parameter"},
    Name{6, "parameter-out-of-range"},
    Name{7, "too-many-arguments"},
    Name{8, "undefined-enumeration"},
    Name{9, "unrecognized-service"},
    Name{10, "invalid-data-encoding"},
};

constexpr std::array abort_reasons{
    Name{0, "other"},
    Name{1, "buffer-overflow"},
    Name{2, "invalid-apdu-in-this-state"},
    Name{3, "preempted-by-higher-priority-task"},
    Name{4, "segmentation-not-supported"},
    Name{5, "security-error"},
    Name{6, "insufficient-security"},
    Name{7, "window-size-out-of-range"},
    Name{8, "application-exceeded-reply-time"},
    Name{9, "out-of-resources"},
    Name{10, "tsm-timeout"},
    Name{11, "apdu-too-long"},
};

constexpr std::array device_statuses{
    Name{0, "operational"},          Name{1, "operational-read-only"}, Name{2, "download-required"},
    Name{3, "download-in-progress"}, Name{4, "non-operational"},       Name{5, "backup-in-progress"},
};

constexpr std::array network_types{
    Name{0, "ethernet"}, Name{1, "arcnet"}, Name{2, "mstp"},    Name{3, "ptp"},  Name{4, "lontalk"},
    Name{5, "ipv4"},     Name{6, "zigbee"}, Name{7, "virtual"}, Name{9, "ipv6"}, Name{10, "serial"},
};

constexpr std::array object_types{
    Name{0, "analog-input"},
    Name{1, "analog-output"},
    Name{2, "analog-value"},
    Name{3, "binary-input"},
    Name{4, "binary-output"},
    Name{5, "binary-value"},
    Name{6, "calendar"},
    Name{7, "command"},
    Name{8, "device"},
    Name{9, "event-enrollment"},
    Name{10, "file"},
    Name{11, "group"},
    Name{12, "loop"},
    Name{13, "multi-state-input"},
    Name{14, "multi-state-output"},
    Name{15, "notification-class"},
    Name{16, "program"},
    Name{17, "schedule"},
    Name{18, "averaging"},
    Name{19, "multi-state-value"},
    Name{20, "trend-log"},
    Name{21, "life-safety-point"},
    Name{22, "life-safety-zone"},
    Name{23, "accumulator"},
    Name{24, "pulse-converter"},
    Name{25, "event-log"},
    Name{26, "global-group"},
    Name{27, "trend-log-multiple"},
    Name{28, "load-control"},
    Name{29, "structured-view"},
    Name{30, "access-door"},
    Name{31, "timer"},
    Name{32, "access-credential"},
    Name{33, "access-point"},
    Name{34, "access-rights"},
    Name{35, "access-user"},
    Name{36, "access-zone"},
    Name{37, "credential-data-input"},
    Name{38, "network-security"},
    Name{39, "bitstring-value"},
    Name{40, "characterstring-value"},
    Name{41, "date-pattern-value"},
    Name{42, "date-value"},
    Name{43, "datetime-pattern-value"},
    Name{44, "datetime-value"},
    Name{45, "integer-value"},
    Name{46, "large-analog-value"},
    Name{47, "octetstring-value"},
    Name{48, "positive-integer-value"},
    Name{49, "time-pattern-value"},
    Name{50, "time-value"},
    Name{51, "notification-forwarder"},
    Name{52, "alert-enrollment"},
    Name{53, "channel"},
    Name{54, "lighting-output"},
    Name{55, "binary-lighting-output"},
    Name{56, "network-port"},
    Name{57, "elevator-group"},
    Name{58, "escalator"},
    Name{59, "lift"},
    Name{60, "staging"},
    Name{61, "audit-log"},
    Name{62, "audit-reporter"},
};

constexpr std::array confirmed_services{
    Name{0, "AcknowledgeAlarm"},
    Name{1, "ConfirmedCOVNotification"},
    Name{2, "ConfirmedEventNotification"},
    Name{3, "GetAlarmSummary"},
    Name{4, "GetEnrollmentSummary"},
    Name{5, "SubscribeCOV"},
    Name{6, "AtomicReadFile"},
    Name{7, "AtomicWriteFile"},
    Name{8, "AddListElement"},
    Name{9, "RemoveListElement"},
    Name{10, "CreateObject"},
    Name{11, "DeleteObject"},
    Name{12, "ReadProperty"},
    Name{14, "ReadPropertyMultiple"},
    Name{15, "WriteProperty"},
    Name{16, "WritePropertyMultiple"},
    Name{17, "DeviceCommunicationControl"},
    Name{18, "ConfirmedPrivateTransfer"},
    Name{19, "ConfirmedTextMessage"},
    Name{20, "ReinitializeDevice"},
    Name{21, "VT-Open"},
    Name{22, "VT-Close"},
    Name{23, "VT-Data"},
    Name{26, "ReadRange"},
    Name{27, "LifeSafetyOperation"},
    Name{28, "SubscribeCOVProperty"},
    Name{29, "GetEventInformation"},
    Name{30, "SubscribeCOVPropertyMultiple"},
    Name{31, "ConfirmedCOVNotificationMultiple"},
    Name{32, "ConfirmedAuditNotification"},
    Name{33, "AuditLogQuery"},
};

constexpr std::array unconfirmed_services{
    Name{0, "I-Am"},
    Name{1, "I-Have"},
    Name{2, "UnconfirmedCOVNotification"},
    Name{3, "UnconfirmedEventNotification"},
    Name{4, "UnconfirmedPrivateTransfer"},
    Name{5, "UnconfirmedTextMessage"},
    Name{6, "TimeSynchronization"},
    Name{7, "Who-Has"},
    Name{8, "Who-Is"},
    Name{9, "UTCTimeSynchronization"},
    Name{10, "WriteGroup"},
    Name{11, "UnconfirmedCOVNotificationMultiple"},
    Name{12, "UnconfirmedAuditNotification"},
    Name{13, "Who-Am-I"},
    Name{14, "You-Are"},
};

}  // namespace

std::span<const Name> reliability_names() { return reliabilities; }
std::span<const Name> event_state_names() { return event_states; }
std::span<const Name> event_type_names() { return event_types; }
std::span<const Name> segmentation_names() { return segmentations; }
std::span<const Name> error_class_names() { return error_classes; }
std::span<const Name> reject_reason_names() { return reject_reasons; }
std::span<const Name> abort_reason_names() { return abort_reasons; }
std::span<const Name> device_status_names() { return device_statuses; }
std::span<const Name> network_type_names() { return network_types; }
std::span<const Name> object_type_names() { return object_types; }
std::span<const Name> confirmed_service_names() { return confirmed_services; }
std::span<const Name> unconfirmed_service_names() { return unconfirmed_services; }

}  // namespace iw::bacnet
