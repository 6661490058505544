"""What the tests of this folder may ask for."""

from tests.registration.conftest import count_queries as count_queries
