"""`python -m deploy`, which `./mkd` hands over to."""

import sys

try:
    from deploy.cli.main import main

    main()
except KeyboardInterrupt:
    print("mkd: Interrupted.", file=sys.stderr)
    sys.exit(130)
