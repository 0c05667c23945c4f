"""All checks that are tried over invented rows, by their identifier."""

from tests.transform.invented_revenue import REVENUE_CHECKS
from tests.transform.invented_usage import USAGE_CHECKS

INVENTED = USAGE_CHECKS | REVENUE_CHECKS
