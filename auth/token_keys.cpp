#include "auth/token_keys.hpp"

#include "domain/base/errors.hpp"

#include <algorithm>
#include <sstream>

namespace waybill {

token_keys::token_keys(std::vector<entry> entries) : entries_{std::move(entries)} {
  std::stable_sort(entries_.begin(), entries_.end(),
                   [](const entry& a, const entry& b) { return a.signs_from < b.signs_from; });
  for (const auto& item : entries_)
    if (const auto& jwk = item.key.public_jwk(); !jwk.empty())
      jwks_ += (jwks_.empty() ? "{" : ",{") + jwk + '}';
  jwks_ = R"({"keys":[)" + jwks_ + "]}";
}

const signing_key* token_keys::find(std::string_view kid) const noexcept {
  for (const auto& item : entries_)
    if (item.key.kid() == kid)
      return &item.key;
  return nullptr;
}

const signing_key& token_keys::signer(timestamp now) const noexcept {
  const auto* chosen = &entries_.front();
  for (const auto& item : entries_)
    if (item.signs_from <= now)
      chosen = &item;
  return chosen->key;
}

result<token_keys> read_token_keys(signature_algorithm algorithm, const std::string& text) {
  constexpr std::string_view end_of_block = "-----END";
  const bool pem = algorithm != signature_algorithm::hs256;
  std::vector<token_keys::entry> entries;
  std::string block;
  std::istringstream lines{text};
  for (std::string line; std::getline(lines, line);) {
    block += pem ? line + '\n' : line;
    const bool complete = pem ? line.starts_with(end_of_block) : !line.empty();
    if (!complete)
      continue;
    auto key = signing_key::read(algorithm, std::exchange(block, {}));
    if (!key)
      return key.error();
    // The first key signs, so the keys after it count as older.
    entries.push_back({std::move(*key), timestamp{} - std::chrono::seconds{entries.size()}});
  }
  if (entries.empty())
    return failure{ec::invalid_argument, "there is no key"};
  return token_keys{std::move(entries)};
}

void key_ring::replace(std::shared_ptr<const token_keys> next) {
  {
    const std::lock_guard guard{mutex_};
    keys_ = std::move(next);
  }
  generation_.fetch_add(1, std::memory_order_release);
}

std::shared_ptr<const token_keys> key_ring::keys() const {
  const std::lock_guard guard{mutex_};
  return keys_;
}

} // namespace waybill
