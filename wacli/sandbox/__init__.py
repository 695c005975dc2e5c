"""A local Cloud API to practise and test against, written from the facts and not from our client."""
