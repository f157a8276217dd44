// Comma-separated values (RFC 4180), a record at a time, for files of any size.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "transfer/stream_file.hpp"

namespace iw::transfer {

// What must be quoted is, with its quotes doubled (RFC 4180 2).
std::string csv_field(std::string_view text);

// Takes the next record off `text`: its fields without quotes; blanks belong to them. False: `text` has no
// whole record, more of the file is needed.
bool take_record(std::string_view& text, std::vector<std::string>& fields);

// Every record of a file, until `take` fails; the error names the file.
Result<void> each_record(InputFile& file,
                         const std::function<Result<void>(const std::vector<std::string>&)>& take);

}  // namespace iw::transfer
