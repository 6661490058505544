"""The local mailbox of the demonstration: takes every letter by SMTP, keeps it in a folder, shows it in the browser."""
