#include "nodes/accounts/key_keeper.hpp"

#include "domain/base/errors.hpp"
#include "domain/base/log.hpp"
#include "nodes/process/log.hpp"

#include <caf/actor_system.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/stateful_actor.hpp>

#include <algorithm>

namespace waybill {

namespace {

/// Long enough for every gateway to look twice.
milliseconds lead_of(const auth_settings& settings) {
  return 2 * settings.refresh + milliseconds{5'000};
}

stored_signing_key make_key(signature_algorithm algorithm, timestamp now, timestamp signs_from) {
  const auto key = signing_key::make(algorithm);
  return {key.kid(), std::string{name_of(algorithm)}, key.secret(), now, signs_from};
}

/// A key of an algorithm that is no longer configured still verifies what it signed.
result<std::shared_ptr<const token_keys>> read_stored(const std::vector<stored_signing_key>& stored,
                                                      signature_algorithm current) {
  std::vector<token_keys::entry> entries;
  for (const auto& row : stored) {
    const auto algorithm = algorithm_of(row.algorithm);
    if (!algorithm)
      return failure{ec::unreadable, "a stored signing key is of the unknown algorithm " + row.algorithm};
    auto key = signing_key::read(*algorithm, row.secret);
    if (!key)
      return failure{ec::unreadable, "the stored signing key " + row.kid + " cannot be read"};
    entries.push_back({std::move(*key), *algorithm == current ? row.signs_from : timestamp::min()});
  }
  return std::make_shared<const token_keys>(std::move(entries));
}

class key_keeper {
public:
  static inline const char* name = "waybill.key_keeper";

  key_keeper(caf::event_based_actor* self, node_config config, std::shared_ptr<key_ring> ring)
    : self_{self}, config_{std::move(config)}, ring_{std::move(ring)} {}

  caf::behavior make_behavior() {
    again_later();
    return {[this](caf::tick_atom) {
      if (auto keys = load_token_keys(config_)) {
        ring_->replace(std::move(*keys));
      } else if (const auto again = failures_.report(keys.error().detail)) {
        log_warning("node {} cannot read the keys of access tokens and keeps those that it has: {}{}",
                    config_.node_name(), keys.error().detail, *again);
      }
      again_later();
    }};
  }

private:
  void again_later() { self_->delayed_send(self_, config_.auth.refresh, caf::tick_atom_v); }

  caf::event_based_actor* self_;
  node_config config_;
  std::shared_ptr<key_ring> ring_;
  failure_log failures_;
};

} // namespace

signing_key_change plan_signing_keys(const std::vector<stored_signing_key>& stored, const auth_settings& settings,
                                     const token_rules& rules, timestamp now) {
  const auto word = name_of(settings.algorithm);
  const stored_signing_key* newest = nullptr;
  for (const auto& key : stored)
    if (key.algorithm == word && (newest == nullptr || key.signs_from > newest->signs_from))
      newest = &key;
  const auto lead = lead_of(settings);
  signing_key_change change;
  if (newest == nullptr) {
    // The very first one signs at once: there is no older one that could sign meanwhile.
    change.added.push_back(make_key(settings.algorithm, now, stored.empty() ? now : now + lead));
    return change;
  }
  if (newest->signs_from + settings.rotation <= now)
    change.added.push_back(make_key(settings.algorithm, now, now + lead));
  if (newest->signs_from + lead + rules.lifetime + 2 * rules.leeway > now)
    return change;
  for (const auto& key : stored)
    if (key.kid != newest->kid)
      change.removed.push_back(key.kid);
  return change;
}

result<std::shared_ptr<const token_keys>> load_token_keys(const node_config& config) {
  if (!config.auth.keys.empty()) {
    auto configured = read_token_keys(config.auth.algorithm, config.auth.keys);
    if (!configured)
      return configured.error();
    return std::make_shared<const token_keys>(std::move(*configured));
  }
  auto stored = keep_signing_keys(config.store, [&](const std::vector<stored_signing_key>& keys) {
    return plan_signing_keys(keys, config.auth, config.gateway.tokens, now());
  });
  if (!stored)
    return stored.error();
  return read_stored(*stored, config.auth.algorithm);
}

caf::actor spawn_key_keeper(caf::actor_system& sys, const node_config& config, std::shared_ptr<key_ring> ring) {
  if (!config.auth.keys.empty())
    return nullptr;
  return caf::actor_cast<caf::actor>(
    sys.spawn<caf::stateful_actor<key_keeper>, caf::detached>(config, std::move(ring)));
}

} // namespace waybill
