// Passwords and secrets, of which only hashes are kept.
//
// A password is hashed by scrypt (RFC 7914) with N = 2^15, r = 8, p = 1: 32 MB and about a tenth of a second,
// so not on the core. A token has 256 bits of chance, so one SHA-256 is enough.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "io/random.hpp"

namespace iw::security {

// Long enough, and not one of those that everybody tries first. NIST SP 800-63B 5.1.1: length counts, rules
// of composition do not.
Result<void> check_password(std::string_view password);

// "scrypt$15$8$1$<salt>$<key>", in hex.
std::string hash_password(std::string_view password, io::Random& random);
// False for any text that is no such hash. Takes the same time for every wrong password.
bool is_password(std::string_view password, std::string_view hash);
// One that no password fits, to compare with where there is no such user: the time does not tell.
std::string hash_of_nobody();

// So many bytes of chance in hex.
std::string random_secret(std::size_t bytes, io::Random& random);
std::string sha256_hex(std::string_view text);
// In a time that does not tell where they differ.
bool same_secret(std::string_view a, std::string_view b);

}  // namespace iw::security
