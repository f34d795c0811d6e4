/// What most tests of the gateway include, compiled once for all of them: two fifths of the time of a test's source.

#include "tests/support/precompiled.hpp"

#include "tests/gateway/support/support.hpp"
