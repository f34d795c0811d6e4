#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

/// Certificates of every kind, made in no time.
namespace waybill::test {

/// The contents of a certificate; times count from now.
struct certificate_options {
  std::chrono::hours begins{-1};
  std::chrono::hours ends{24 * 100};
  /// As in openssl's configuration files.
  std::string usage = "serverAuth,clientAuth";
  /// Its subject alternative names: `DNS:shop.example,IP:127.0.0.1`.
  std::string names = {};
};

/// PEM texts.
struct certificate_and_key {
  std::string certificate;
  std::string key;
};

/// Issues certificates, or makes self-signed ones. Throws std::runtime_error.
class test_authority {
public:
  explicit test_authority(const std::string& name, const certificate_options& options = {});
  ~test_authority();
  test_authority(const test_authority&) = delete;
  test_authority& operator=(const test_authority&) = delete;

  [[nodiscard]] std::string certificate() const;
  [[nodiscard]] certificate_and_key issue(const std::string& name, const certificate_options& options = {}) const;

  static certificate_and_key self_signed(const std::string& name);

private:
  struct parts;
  std::unique_ptr<parts> parts_;
};

/// `key` under a passphrase.
std::string encrypted(const std::string& key, const std::string& passphrase);

void write_file(const std::filesystem::path& path, const std::string& text);

/// The files of a node: `ca.pem`, `node.pem` and `node.key` in `folder`, which is made. The options that name them.
std::vector<std::string> write_credentials(const std::filesystem::path& folder, const std::string& authority,
                                           const certificate_and_key& own);

} // namespace waybill::test
