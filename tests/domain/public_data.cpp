#include "domain/public_data.hpp"
#include "domain/bulk/bulk_action.hpp"
#include "domain/function/function.hpp"

#include "domain/user.hpp"
#include "domain/sink/sink.hpp"
#include "domain/webhook/endpoint.hpp"
#include "tests/domain/story.hpp"

#define CAF_SUITE domain.public_data
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;

namespace {

bool is_secret(std::string_view name) {
  return name == "token" || name == "fingerprint" || name.ends_with("_hash") || name.starts_with("password")
         || name.starts_with("secret");
}

template <class T>
struct element {
  using type = T;
};
template <class T>
struct element<std::optional<T>> : element<T> {};
template <class T>
struct element<std::vector<T>> : element<T> {};

template <class T, class Visit>
void for_each_member(Visit visit) {
  if constexpr (boost::describe::has_describe_members<T>::value) {
    boost::mp11::mp_for_each<codec::members_of<T>>([&](auto member) {
      using value = typename element<std::remove_cvref_t<decltype(std::declval<T&>().*member.pointer)>>::type;
      visit(member.name, codec::is_hidden<T>(member.name));
      for_each_member<value>(visit);
    });
  }
}

/// The members of `T`, and of the structs inside of it, that have the name of a secret and are not hidden.
template <class T>
std::string shown_secrets() {
  std::string names;
  for_each_member<T>([&](std::string_view name, bool hidden) {
    if (is_secret(name) && !hidden)
      names.append(names.empty() ? "" : " ").append(name);
  });
  return names;
}

template <class T>
constexpr std::size_t hidden_names() {
  if constexpr (requires { T::hidden; })
    return T::hidden.size();
  return 0;
}

/// How many names of `T::hidden` are members of `T`.
template <class T>
std::size_t hidden_members() {
  std::size_t count = 0;
  boost::mp11::mp_for_each<codec::members_of<T>>(
    [&](auto member) { count += codec::is_hidden<T>(member.name) ? 1U : 0U; });
  return count;
}

template <class... Events>
void check_events(const std::variant<Events...>*) {
  (CAF_CHECK_EQUAL(shown_secrets<Events>(), ""), ...);
  (CAF_CHECK_EQUAL(hidden_members<Events>(), hidden_names<Events>()), ...);
}

template <class State, class Event>
void check_kind() {
  CAF_CHECK_EQUAL(shown_secrets<State>(), "");
  CAF_CHECK_EQUAL(hidden_members<State>(), hidden_names<State>());
  check_events(static_cast<const Event*>(nullptr));
}

struct card {
  std::string name;
  std::string token;
};
BOOST_DESCRIBE_STRUCT(card, (), (name, token))

struct wallet {
  std::vector<card> cards;
};
BOOST_DESCRIBE_STRUCT(wallet, (), (cards))

} // namespace

SCENARIO("every member of an event or a state that has the name of a secret is hidden") {
  check_kind<order::state, order::event>();
  check_kind<product::state, product::event>();
  check_kind<payment::state, payment::event>();
  check_kind<delivery::state, delivery::event>();
  check_kind<courier::state, courier::event>();
  check_kind<user::state, user::event>();
  check_kind<webhook::state, webhook::event>();
  check_kind<sink::state, sink::event>();
  check_kind<bulk::state, bulk::event>();
  check_kind<function::state, function::event>();
  CHECK_EQ(hidden_members<user::session>(), hidden_names<user::session>());
  CHECK_EQ(hidden_members<order::payment_means>(), hidden_names<order::payment_means>());
}

SCENARIO("a secret that nobody hides would be noticed, also deep inside of a state") {
  CHECK_EQ(shown_secrets<card>(), "token");
  CHECK_EQ(shown_secrets<wallet>(), "token");
}

SCENARIO("clients never see a payment token or a fingerprint") {
  waybill::testing::order_story story;
  story.tell(waybill::testing::a_place_command());
  const auto order = encode_event(story.log.front().second);
  const auto shown = public_event_data(order.type, order.data);
  CHECK_EQ(shown.find("tok_ok"), std::string::npos);
  CHECK_EQ(shown.find("fingerprint"), std::string::npos);
  CHECK_NE(shown.find(R"("payment":{"method":"card"},"delivery")"), std::string::npos);
  const payment::event intent = payment::intent_recorded{payment_id{"pay_1"},
                                                         order_id{"ord_1"},
                                                         customer_id{"cus_1"},
                                                         payment::operation::authorize,
                                                         "pay_1/authorize",
                                                         {},
                                                         "card",
                                                         "tok_ok"};
  const auto paid = encode_event(intent);
  CHECK_EQ(public_event_data(paid.type, paid.data).find("tok_ok"), std::string::npos);
}

SCENARIO("unreadable data is not shown, and data without a secret is shown as it is") {
  CHECK_EQ(public_event_data("order.placed", R"({"payment":{"token":"tok_ok")"), "{}");
  CHECK_EQ(public_event_data("order.placed", R"({"payment":"tok_ok"})"), "{}");
  CHECK_EQ(public_event_data("order.rejected", R"({"reason" : "x"})"), R"({"reason" : "x"})");
}

SCENARIO("a state is shown without its secrets") {
  waybill::testing::order_story story;
  story.tell(waybill::testing::a_place_command());
  const auto order = encode<json_members::visible>(story.state);
  CHECK_EQ(order.find("tok_ok"), std::string::npos);
  CHECK_EQ(order.find("fingerprint"), std::string::npos);
  CHECK_NE(order.find(R"("payment":{"method":"card"},"delivery")"), std::string::npos);
  payment::state payment;
  payment.method = "card";
  payment.token = "tok_ok";
  CHECK_EQ(encode<json_members::visible>(payment).find("token"), std::string::npos);
  user::state user;
  user.sessions.push_back({session_id{"ses_1"}, "family", "present", "before", {}, {}});
  const auto shown = encode<json_members::visible>(user);
  CHECK_NE(shown.find(R"("sessions":[{"id":"ses_1","rotated_at":)"), std::string::npos);
  CHECK_EQ(shown.find("hash"), std::string::npos);
}

SCENARIO("members that are unknown to this program stay, in the order in which they were written") {
  CHECK_EQ(
    public_event_data("user.session_started", R"({"session":"ses_1","token_hash":"x","new":[1],"family_hash":"y"})"),
    R"({"session":"ses_1","new":[1]})");
}
