#include "actors/accounts/service_keys.hpp"

#include "actors/entity/entity_support.hpp"
#include "domain/base/errors.hpp"
#include "domain/json/codec.hpp"
#include "messages/cluster/placement.hpp"

#include <caf/actor_system.hpp>
#include <caf/typed_event_based_actor.hpp>

namespace waybill {

namespace {

struct key_created {
  static constexpr std::string_view type = "service_key.created";
  service_key_id key;
  std::string name;
  std::vector<std::string> roles;
};
BOOST_DESCRIBE_STRUCT(key_created, (), (key, name, roles))

struct key_revoked {
  static constexpr std::string_view type = "service_key.revoked";
};
BOOST_DESCRIBE_STRUCT(key_revoked, (), ())

class service_keys {
public:
  static inline const char* name = "waybill.service_keys";

  service_keys(service_keys_actor::pointer self, entity_services services)
    : self_{self}, services_{std::move(services)} {}

  service_keys_actor::behavior_type make_behavior() {
    return {
      [this](create_service_key& command) { return create(command); },
      [this](revoke_service_key& command) { return revoke(command); },
    };
  }

private:
  using promise = caf::typed_response_promise<service_key_row>;

  caf::result<service_key_row> create(const create_service_key& command) {
    service_key_row row;
    row.id = command.id.value;
    row.name = command.name;
    row.token_hash = command.token_hash;
    for (const auto& role : command.roles)
      row.roles += (row.roles.empty() ? "" : ",") + role;
    row.created_by = command.origin.by_id;
    row.created_at = services_.clock();
    row.expires_at = command.expires_at;
    auto answer = self_->make_response_promise<service_key_row>();
    write(key_created{command.id, command.name, command.roles}, 0, command.origin, row, answer);
    return answer;
  }

  caf::result<service_key_row> revoke(const revoke_service_key& command) {
    auto answer = self_->make_response_promise<service_key_row>();
    self_->request(services_.reader, bounded_elsewhere, find_service_key{{}, command.id.value})
      .then(
        [this, answer, command](found_service_key& result) mutable {
          if (!result.key) {
            answer.deliver(to_error({ec::not_found, "there is no service key " + command.id.value}));
          } else if (result.key->revoked_at) {
            answer.deliver(*result.key);
          } else {
            result.key->revoked_at = services_.clock();
            write(key_revoked{}, 1, command.origin, *result.key, answer);
          }
        },
        [answer](caf::error& reason) mutable { answer.deliver(std::move(reason)); });
    return answer;
  }

  template <class Event>
  void write(const Event& event, std::uint64_t version, const provenance& origin, const service_key_row& row,
             promise answer) {
    append request;
    request.kind = entity_kind::service_key;
    request.stream = row.id;
    request.expected_version = version;
    request.at = services_.clock();
    request.origin = origin;
    request.events.push_back({std::string{Event::type}, 1, encode(event)});
    request.snapshot = entity_snapshot{1, "{}", false, std::nullopt};
    request.rows.emplace_back(row);
    self_->request(services_.journal_of(row.id), bounded_elsewhere, std::move(request))
      .then([answer, row](const appended&) mutable { answer.deliver(row); },
            [answer](caf::error& reason) mutable { answer.deliver(std::move(reason)); });
  }

  service_keys_actor::pointer self_;
  entity_services services_;
};

} // namespace

service_keys_actor spawn_service_keys(caf::actor_system& sys, entity_services services) {
  return sys.spawn<service_keys_actor::stateful_impl<service_keys>>(std::move(services));
}

} // namespace waybill
