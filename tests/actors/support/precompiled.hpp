/// What most tests of actors include, compiled once for all of them: two fifths of the time of a test's source.

#include "tests/support/precompiled.hpp"

#include "tests/actors/support/order_node.hpp"
