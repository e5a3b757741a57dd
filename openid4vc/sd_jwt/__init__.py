"""SD-JWT and SD-JWT VC (RFC 9901, SD-JWT VC): issue, select, bind, verify."""
