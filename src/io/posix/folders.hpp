// Whole folders, so that what is many files comes into being, or goes, at once.
#pragma once

#include <string>

#include "base/result.hpp"

namespace iw::io::posix {

// A file or a folder of that name.
bool exists(const std::string& path);

// With all that is in it; nothing when there is none.
Result<void> remove_folder(const std::string& path);

// Gives a file or folder another name, of the same disk, which is there after a power cut too. busy: there is
// one of this name, which is no empty folder.
Result<void> put_in_place(const std::string& from, const std::string& to);

}  // namespace iw::io::posix
