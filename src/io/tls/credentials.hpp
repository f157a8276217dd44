// Credentials: who we are to others: a certificate with its chain, and its private key; two files on the disk
// that are read and replaced as one.
//
// Whoever reads them while they are replaced, or after a power cut in the middle of it, gets the old ones or
// the new ones: the new certificate waits in a file of its own (its name and ".new") until the new key is in
// place, and is found there by the key that it belongs to. Blocking.
#pragma once

#include <string>

#include "io/files.hpp"

namespace iw::io::tls {

struct CredentialFiles {
  std::string certificate;  // our own, then its issuers
  std::string key;          // mode 0600
};

struct Credentials {
  std::string certificate_chain;  // PEM
  std::string private_key;        // PEM, unencrypted

  friend bool operator==(const Credentials&, const Credentials&) = default;
};

// Invalid argument: they can not be read, do not belong to each other, or the chain is not in its order.
Result<void> check(const Credentials& credentials);

// As they stand there, not checked beyond whether they belong to each other. A replacement that was cut short
// is finished.
Result<Credentials> read_credentials(Files& files, const CredentialFiles& at);

// Only what check() takes. The key gets mode 0600.
Result<void> replace_credentials(Files& files, const CredentialFiles& at, const Credentials& credentials);

}  // namespace iw::io::tls
